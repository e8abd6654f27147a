/** How the ipset tool fails: exit status 1, or 2 with a hint where to find help. */
export class IpSetError extends Error {
  override readonly name = 'IpSetError';
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
