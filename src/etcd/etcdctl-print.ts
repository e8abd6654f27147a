/** What etcdctl prints: the simple form, JSON, and tables (`etcdctl/ctlv3/command/printer*.go`). */
import { encodeBase64 } from '../apimachinery/base64.ts';
import type { EtcdMember, TextCodec } from './etcdctl.ts';
import type { RangeResponse, ResponseOp, WatchedEvent } from './rpc-types.ts';

type Shown<V> = RangeResponse<V>['kvs'][number] | WatchedEvent<V>['kv'];

/** An id as 16 hex digits. */
export function hex(id: number | bigint): string {
  return id.toString(16).padStart(16, '0');
}

/** A key and its value on a line each; the value's line is empty where there is none. */
export function keyValueText<V>({ key, value }: Shown<V>, { show }: TextCodec<V>, valueOnly: boolean): string {
  const text = value === undefined ? '' : show(value);
  return valueOnly ? `${text}\n` : `${key}\n${text}\n`;
}

/** A pair as `-w json` prints it. */
export function keyValueJson<V>(kv: Shown<V>, { show }: TextCodec<V>): object {
  return {
    key: encodeBase64(kv.key),
    create_revision: kv.createRevision,
    mod_revision: kv.modRevision,
    version: kv.version,
    ...(kv.value !== undefined && { value: encodeBase64(show(kv.value)) }),
    ...(kv.lease && { lease: kv.lease }),
  };
}

/** The header of an answer. Ids are larger than a JavaScript number can say exactly, so the JSON text is written by hand. */
export function headerJson(clusterId: bigint, members: readonly EtcdMember[], revision: number): object {
  const [member] = members;
  return { cluster_id: Number(clusterId), member_id: Number(member?.id ?? 0n), revision, raft_term: member?.raftTerm ?? 0 };
}

/** The answers of a transaction's branch, an empty line before each. */
export function responsesText<V>(responses: readonly ResponseOp<V>[], codec: TextCodec<V>): string {
  return responses.map((response) => `\n${responseText(response, codec)}`).join('');
}

function responseText<V>(operation: ResponseOp<V>, codec: TextCodec<V>): string {
  const list = (kvs: readonly Shown<V>[]) => kvs.map((kv) => keyValueText(kv, codec, false)).join('');
  switch (operation.type) {
    case 'range':
      return list(operation.response.kvs);
    case 'put':
      return `OK\n${operation.response.prevKv ? list([operation.response.prevKv]) : ''}`;
    case 'deleteRange':
      return `${operation.response.deleted}\n${list(operation.response.prevKvs)}`;
    case 'txn':
      return `${operation.response.succeeded ? 'SUCCESS' : 'FAILURE'}\n${responsesText(operation.response.responses, codec)}`;
  }
}

/** `member list`. */
export function membersText(members: readonly EtcdMember[], format: string, clusterId: bigint): string {
  if (format === 'json') {
    const header = headerJson(clusterId, members, 0);
    const list = members.map(({ id, name, peerUrl, clientUrl }) => ({
      ID: Number(id),
      name,
      peerURLs: [peerUrl],
      clientURLs: [clientUrl],
    }));
    return `${JSON.stringify({ header, members: list })}\n`;
  }
  const rows = members.map(({ id, name, peerUrl, clientUrl }) => [id.toString(16), 'started', name, peerUrl, clientUrl, 'false']);
  if (format === 'table') return table(['ID', 'STATUS', 'NAME', 'PEER ADDRS', 'CLIENT ADDRS', 'IS LEARNER'], rows);
  return rows.map((row) => `${row.join(', ')}\n`).join('');
}

/** `endpoint status`. */
export function statusText(members: readonly EtcdMember[], format: string): string {
  const rows = members.map(({ id, clientUrl, version, dbSizeBytes, isLeader, raftTerm, raftIndex }) => [
    clientUrl,
    id.toString(16),
    version,
    sizeText(dbSizeBytes),
    String(isLeader),
    'false',
    String(raftTerm),
    String(raftIndex),
    String(raftIndex),
    '',
  ]);
  if (format === 'json') {
    const list = members.map(({ clientUrl, version, dbSizeBytes, id, raftTerm, raftIndex }) => ({
      Endpoint: clientUrl,
      Status: {
        version,
        dbSize: dbSizeBytes,
        leader: Number(id),
        raftIndex,
        raftTerm,
        raftAppliedIndex: raftIndex,
        dbSizeInUse: dbSizeBytes,
      },
    }));
    return `${JSON.stringify(list)}\n`;
  }
  if (format === 'table') return table(STATUS_COLUMNS, rows);
  return rows.map((row) => `${row.join(', ')}\n`).join('');
}

const STATUS_COLUMNS = [
  'ENDPOINT',
  'ID',
  'VERSION',
  'DB SIZE',
  'IS LEADER',
  'IS LEARNER',
  'RAFT TERM',
  'RAFT INDEX',
  'RAFT APPLIED INDEX',
  'ERRORS',
];

/** "20 kB", "1.5 MB": powers of 1000, two digits below 10 (`dustin/go-humanize`: Bytes). */
function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  if (bytes < 10) return `${bytes} B`;
  const power = Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const amount = Math.floor((bytes / 1000 ** power) * 10 + 0.5) / 10;
  return `${amount < 10 ? amount.toFixed(1) : amount.toFixed(0)} ${units[power] ?? ''}`;
}

/** A table in the style of `olekukonko/tablewriter`: words to the right of one space, numbers at the right edge, headings in the middle. */
function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, index) => Math.max(column.length, ...rows.map((row) => (row[index] ?? '').length)));
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`;
  const line = (cells: readonly string[], pad: (cell: string, width: number) => string) =>
    `|${widths.map((width, index) => ` ${pad(cells[index] ?? '', width)} `).join('|')}|\n`;
  const centred = (cell: string, width: number) => {
    const left = Math.floor((width - cell.length) / 2);
    return cell.padStart(cell.length + left).padEnd(width);
  };
  const body = rows.map((row) =>
    line(row, (cell, width) => (/^[\d.]+( [kMGT]?B)?$/.test(cell) ? cell.padStart(width) : cell.padEnd(width))),
  );
  return rule + line(columns, centred) + rule + body.join('') + rule;
}
