/** The program /nginx-ingress-controller (`kubernetes/ingress-nginx` cmd/nginx): nginx on two ports, and its controller. */
import type { HttpReply, Service } from '../../linux/net/socket.ts';
import type { Executable, Process } from '../../linux/process.ts';
import { PAUSE, sleep, type Program } from '../../linux/syscalls.ts';
import { type IngressControllers, type Instance, klog } from './controller.ts';
import { Proxy } from './proxy.ts';

const HANDLED = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;
const MIB = 1024 * 1024;
const MEMORY_BYTES = 90 * MIB;
const MILLI_CPU = 3;
const STARTUP_MS = 1000;
const DEFAULT_CONTROLLER = 'k8s.io/ingress-nginx';

/** The value of `--name=value`. */
function flag(argv: readonly string[], name: string): string | undefined {
  return argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
}

function instanceOf(process: Process): Instance {
  const { argv } = process;
  const environment = process.context.environment();
  return {
    process,
    selection: {
      controller: flag(argv, 'controller-class') ?? DEFAULT_CONTROLLER,
      className: flag(argv, 'ingress-class') ?? 'nginx',
      withoutClass: flag(argv, 'watch-ingress-without-class') === 'true',
    },
    namespace: environment.get('POD_NAMESPACE') ?? 'ingress-nginx',
    podName: environment.get('POD_NAME') ?? process.context.hostname,
    publishService: flag(argv, 'publish-service')?.replace('$(POD_NAMESPACE)', environment.get('POD_NAMESPACE') ?? ''),
    publishAddress: flag(argv, 'publish-status-address'),
  };
}

const health: Service = {
  serve(_process, message): HttpReply | undefined {
    if (message.kind !== 'http') return undefined;
    const isHealth = message.path.startsWith('/healthz');
    return { kind: 'http', status: isHealth ? 200 : 404, contentType: 'text/plain', body: isHealth ? 'ok' : '404 page not found\n' };
  },
};

const BANNER = `-------------------------------------------------------------------------------
NGINX Ingress controller
  Release:       v1.12.1
  Repository:    https://github.com/kubernetes/ingress-nginx
  nginx version: nginx/1.25.5

-------------------------------------------------------------------------------

`;

/** The executable of all controllers of a cluster. */
export function nginxIngressController(controllers: IngressControllers): Executable {
  return (process) => run(process, controllers);
}

function* run(process: Process, controllers: IngressControllers): Program {
  process.handles = HANDLED;
  process.use({ memoryBytes: MEMORY_BYTES, milliCpu: MILLI_CPU });
  process.print(BANNER);
  const { caches } = controllers;
  const instance = instanceOf(process);
  if ((yield* sleep(STARTUP_MS)) !== undefined) return 0;
  const random = process.machine.random.fork(`ingress-nginx/${process.context.label}/${process.startedAt}`);
  const works =
    process.listen(80, 'TCP', new Proxy(caches, instance.selection, random, false)) &&
    process.listen(443, 'TCP', new Proxy(caches, instance.selection, random, true)) &&
    process.listen(10254, 'TCP', health);
  if (!works) {
    process.printError(`${klog(process.now, 'E', 'nginx.go:307')}port 80 is already in use. Please check the flag --http-port\n`);
    return 1;
  }
  process.print(`${klog(process.now, 'I', 'nginx.go:317')}"Starting NGINX process"\n`);
  controllers.add(instance);
  yield PAUSE;
  process.print(`${klog(process.now, 'I', 'sigterm.go:36')}"Received SIGTERM, shutting down"\n`);
  controllers.remove(instance);
  return 0;
}
