/** How a tool of the iptables family ended: what it printed, and its exit status. */
export interface ToolResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}
