/**
 * OpenAPI v2: the JSON document, and the protobuf form of it that kubectl asks for (`github.com/google/gnostic`, openapiv2).
 * Only definitions are in it; clients that want operations read v3.
 */
import { stringify } from 'yaml';
import type { ResourceDefinition } from '../../api/resource.ts';
import { ProtobufWriter } from '../protobuf/writer.ts';
import { definitionsFor } from './definitions.ts';
import type { Schema } from './definitions.ts';

const INFO = { title: 'Kubernetes', version: 'v1.33.0' };

/** GET /openapi/v2 as JSON. */
export function openApiV2(resources: readonly ResourceDefinition[]): object {
  return { swagger: '2.0', info: INFO, paths: {}, definitions: Object.fromEntries(definitionsFor(resources)) as object };
}

/** The same as a gnostic `Document`. Numbers are those of OpenAPIv2.proto. */
export function openApiV2Protobuf(resources: readonly ResourceDefinition[]): Uint8Array {
  const document = new ProtobufWriter();
  document.text(1, '2.0');
  document.message(2, (info) => {
    info.text(1, INFO.title);
    info.text(2, INFO.version);
  });
  document.message(8, () => undefined);
  document.message(9, (definitions) => {
    for (const [name, schema] of definitionsFor(resources)) writeNamedSchema(definitions, 1, name, schema);
  });
  return document.bytes();
}

function writeNamedSchema(writer: ProtobufWriter, field: number, name: string, schema: Schema): void {
  writer.message(field, (named) => {
    named.text(1, name);
    named.message(2, (value) => writeSchema(value, schema));
  });
}

function writeSchema(writer: ProtobufWriter, schema: Schema): void {
  const { $ref, format, description, default: byDefault, required, additionalProperties, type, items, allOf, properties } = schema;
  if (typeof $ref === 'string') writer.text(1, $ref);
  if (typeof format === 'string') writer.text(2, format);
  if (typeof description === 'string') writer.text(4, description);
  if (byDefault !== undefined) writeAny(writer, 5, byDefault);
  for (const name of (required ?? []) as string[]) writer.text(19, name);
  if (additionalProperties !== undefined) writer.message(21, (item) => writeAdditional(item, additionalProperties));
  if (typeof type === 'string') writer.message(22, (item) => item.text(1, type));
  if (items !== undefined) writer.message(23, (item) => item.message(1, (value) => writeSchema(value, items as Schema)));
  for (const part of (allOf ?? []) as Schema[]) writer.message(24, (value) => writeSchema(value, part));
  if (properties !== undefined) {
    writer.message(25, (list) => {
      for (const [name, property] of Object.entries(properties as Record<string, Schema>)) writeNamedSchema(list, 1, name, property);
    });
  }
  for (const [name, value] of Object.entries(schema)) {
    if (!name.startsWith('x-')) continue;
    writer.message(31, (extension) => {
      extension.text(1, name);
      writeAny(extension, 2, value);
    });
  }
}

function writeAdditional(writer: ProtobufWriter, additional: unknown): void {
  if (typeof additional === 'boolean') writer.flag(2, additional);
  else writer.message(1, (value) => writeSchema(value, additional as Schema));
}

function writeAny(writer: ProtobufWriter, field: number, value: unknown): void {
  writer.message(field, (any) => any.text(2, stringify(value)));
}
