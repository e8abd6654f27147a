/** Writes protobuf messages: the few wire types that the API's documents need. */

/** A message under construction. */
export class ProtobufWriter {
  readonly #parts: Uint8Array[] = [];

  text(field: number, value: string): void {
    this.chunk(field, Buffer.from(value, 'utf8'));
  }

  flag(field: number, value: boolean): void {
    this.#parts.push(varint(field << 3), varint(value ? 1 : 0));
  }

  /** A message in a field. */
  message(field: number, write: (writer: ProtobufWriter) => void): void {
    const inner = new ProtobufWriter();
    write(inner);
    this.chunk(field, inner.bytes());
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#parts);
  }

  /** Bytes in a field. */
  chunk(field: number, bytes: Uint8Array): void {
    this.#parts.push(varint((field << 3) | 2), varint(bytes.length), bytes);
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
