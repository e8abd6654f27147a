/** Loads the interpreter of users' scheduler plugins: an engine of half a megabyte. */
import variant from '@jitl/quickjs-wasmfile-release-sync';
import { newQuickJSWASMModuleFromVariant } from 'quickjs-emscripten-core';
import { quickJsHost } from '../scheduler/quickjs-host.ts';
import { installUserPluginHost } from '../scheduler/user-plugin.ts';

/** Loads it and puts it in place, once per process. */
export async function loadInterpreter(): Promise<void> {
  installUserPluginHost(quickJsHost(await newQuickJSWASMModuleFromVariant(variant)));
}
