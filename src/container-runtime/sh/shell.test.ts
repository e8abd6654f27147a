import { describe, expect, it } from 'vitest';
import type { ExecResult } from '../cri.ts';
import { containerConfig, run, world } from '../testing/world.ts';

/** Runs a script in a busybox container and gives what it wrote. */
function sh(
  script: string,
  options: { image?: string; stdin?: string; limitMs?: number; shell?: string } = {},
): ExecResult & { tookMs: number } {
  const { sim, nodes } = world();
  const { runtime } = nodes[0]!;
  const env = [{ name: 'GREETING', value: 'hello' }];
  const volume = { kind: 'emptyDir', files: new Map([['a.conf', 'key=1\nother=2\n']]) };
  const mounts = [
    { containerPath: '/data', readOnly: false, volume },
    { containerPath: '/ro', readOnly: true, volume: { kind: 'configMap', files: new Map([['f', 'x']]) } },
  ];
  const { containerId } = run(
    runtime,
    'p',
    containerConfig(options.image ?? 'busybox:1.36', { command: ['sh', '-c', 'sleep 1000000'], env, mounts }),
  );
  let result: ExecResult | undefined;
  let tookMs = -1;
  const start = sim.now;
  runtime.exec(
    containerId,
    [options.shell ?? 'sh', '-c', script],
    0,
    (outcome) => {
      result = outcome;
      tookMs = sim.now - start;
    },
    options.stdin,
  );
  sim.runUntil(sim.now + (options.limitMs ?? 100_000));
  return { exitCode: -1, stdout: '', stderr: '', ...result, tookMs };
}

describe('sh prints', () => {
  const rows: [name: string, script: string, stdout: string][] = [
    ['words', 'echo a  "b  c" \'d $x\' e\\ f', 'a b  c d $x e f\n'],
    ['variables', 'X=1; Y="$X-2"; echo $X ${Y} "$GREETING" [$NONE]', '1 1-2 hello []\n'],
    ['defaults', 'echo ${A:-x} ${A-y} ${A:=z} $A ${A:+set} ${#A}', 'x y z z set 1\n'],
    ['prefixes and suffixes', 'F=/a/b.tar.gz; echo ${F##*/} ${F%.*} ${F%%.*} ${F#/a}', 'b.tar.gz /a/b.tar /a/b /b.tar.gz\n'],
    ['bash replacements', 'F=aXbX; echo ${F/X/-} ${F//X/-} ${F:1:2} ${F^^}', 'a-bX a-b- Xb AXBX\n'],
    ['command substitution', 'echo "$(echo a; echo b)" `echo c`', 'a\nb c\n'],
    ['nested substitution', 'echo $(echo $(echo deep))', 'deep\n'],
    ['arithmetic', 'i=4; echo $((i * 2 + 1)) $((i > 3 && i < 5)) $((7 / 2)) $((i++)) $i $(( (1+2)*3 ))', '9 1 3 4 5 9\n'],
    ['field splitting', 'X="a  b c"; for w in $X; do echo "<$w>"; done', '<a>\n<b>\n<c>\n'],
    ['no splitting in quotes', 'X="a  b"; for w in "$X"; do echo "<$w>"; done', '<a  b>\n'],
    ['positional parameters', 'set -- a "b c" d; echo $# $2; shift; for w in "$@"; do echo "<$w>"; done', '3 b c\n<b c>\n<d>\n'],
    ['if', 'if false; then echo a; elif [ 1 -lt 2 ]; then echo b; else echo c; fi', 'b\n'],
    ['while and until', 'i=0; while [ $i -lt 3 ]; do i=$((i+1)); done; until [ $i -eq 5 ]; do i=$((i+1)); done; echo $i', '5\n'],
    ['for with break and continue', 'for i in 1 2 3 4 5; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done', '1\n3\n'],
    ['break out of two loops', 'for i in 1 2; do for j in 1 2; do echo $i$j; break 2; done; done; echo end', '11\nend\n'],
    [
      'case',
      'for x in abc a "b*"; do case "$x" in a) echo one;; a*|z) echo two;; "b*") echo star;; *) echo no;; esac; done',
      'two\none\nstar\n',
    ],
    ['functions', 'f() { echo "$1 $#"; return 3; }; f x y; echo $?', 'x 2\n3\n'],
    ['local variables', 'x=1; f() { local x=2 y=3; echo $x$y; }; f; echo $x$y', '23\n1\n'],
    ['and, or, not', 'true && echo a || echo b; false && echo c || echo d; ! true || echo e; ! false && echo f', 'a\nd\ne\nf\n'],
    ['pipelines', 'printf "c\\na\\nb\\n" | sort | head -2 | tr a-z A-Z', 'A\nB\n'],
    ['a pipeline that ends early', 'yes | head -n 2', 'y\ny\n'],
    ['the status of a pipeline', 'true | false; echo $?; false | true; echo $?', '1\n0\n'],
    ['subshells apart', 'X=1; (X=2; exit 4); echo $? $X', '4 1\n'],
    ['groups', '{ echo a; echo b; } > /tmp/x; cat /tmp/x', 'a\nb\n'],
    ['redirections', 'echo a > f; echo b >> f; cat < f; ls nosuch 2> /dev/null; echo $?', 'a\nb\n1\n'],
    ['stderr into stdout', '{ echo out; echo err >&2; } 2>&1 | sort', 'err\nout\n'],
    ['here-documents', "X=1; cat <<E\na $X $(echo b)\nE\ncat <<'E'\n$X\nE", 'a 1 b\n$X\n'],
    [
      'reading lines',
      'while read k v; do echo "$v/$k"; done < /data/a.conf; echo "x y z" | { read a b; echo "$b"; }',
      '/key=1\n/other=2\ny z\n',
    ],
    [
      'mounted files',
      'cat /data/a.conf; ls /data; [ -f /data/a.conf ] && [ -d /data ] && [ ! -e /data/b ] && echo yes',
      'key=1\nother=2\na.conf\nyes\n',
    ],
    ['globs', 'cd /tmp; touch a.txt b.txt c.md; echo *.txt "*.md" no*', 'a.txt b.txt *.md no*\n'],
    [
      'grep, cut, sed, wc',
      'grep other /data/a.conf | cut -d= -f2; echo a.b | sed "s/a\\.\\(.\\)/\\1-/"; wc -l < /data/a.conf',
      '2\nb-\n2\n',
    ],
    ['seq and expr', 'seq 1 3 | xargs echo; expr 1 + 2 \\* 3', '1 2 3\n7\n'],
    ['printf', 'printf "%s-%03d|%5s|%-3s|\\n" a 7 b c', 'a-007|    b|c  |\n'],
    ['date and hostname', 'date +%Y-%m-%d; hostname; cat /etc/hostname', '2026-01-01\np\np\n'],
    ['environment', 'export A=1; B=2; sh -c "echo [$A] [\\$B]"; env | grep GREETING', '[1] []\nGREETING=hello\n'],
    ['exit traps', "trap 'echo bye' EXIT; echo hi; exit 0", 'hi\nbye\n'],
    ['eval and source', 'echo "X=5" > s; . ./s; eval "echo \\$X"', '5\n'],
    ['command -v', 'command -v ls >/dev/null && echo found; command -v nosuch || echo missing', 'found\nmissing\n'],
    ['bash tests', 'if [[ abc == a* && 1 -lt 2 ]]; then echo yes; fi; [[ ! -f /x ]] && echo no', 'yes\nno\n'],
    ['bash loops', 'for ((i=0; i<3; i++)); do echo $i; done; echo {1..3} {a,b}c', '0\n1\n2\n1 2 3 ac bc\n'],
    ['base64', 'echo -n hello | base64; echo aGVsbG8= | base64 -d', 'aGVsbG8=\nhello'],
    ['background jobs', 'sleep 2 & wait; echo done', 'done\n'],
    ['timeout', 'timeout 2 sleep 10; echo $?; timeout 2 echo ok', '143\nok\n'],
    ['wait for one job', '(exit 3) & wait $!; echo $?', '3\n'],
  ];
  it.each(rows)('%s', (_name, script, stdout) => {
    const result = sh(script);
    expect(result.stderr).toBe('');
    expect(result.stdout).toBe(stdout);
  });
});

describe('sh ends with', () => {
  const rows: [name: string, script: string, exitCode: number, stderr: string][] = [
    ['the status of exit', 'exit 7', 7, ''],
    ['the status of the last command', 'true; false', 1, ''],
    ['127 for what is not there', 'foo --bar', 127, 'sh: foo: not found\n'],
    ['the first failure under set -e', 'set -e; false; echo no', 1, ''],
    ['success where a failure is asked about', 'set -e; if false; then :; fi; false || true; ! true; echo', 0, ''],
    ['2 for an unset variable under set -u', 'set -u; echo $X', 2, 'sh: X: parameter not set\n'],
    ['1 for a file that is not there', 'cat /nosuch', 1, "cat: can't open '/nosuch': No such file or directory\n"],
    ['1 for a read-only volume', 'echo x > /ro/f', 1, "sh: can't create /ro/f: Read-only file system\n"],
    ['what was traced', 'set -x; X=1; echo $X >/dev/null', 0, '+ X=1\n+ echo 1\n'],
    ['an endless recursion', 'f() { f; }; f', 2, 'sh: maximum function nesting level exceeded\n'],
  ];
  it.each(rows)('%s', (_name, script, exitCode, stderr) => {
    expect(sh(script)).toMatchObject({ exitCode, stderr });
  });

  it('2 for a syntax error', () => {
    expect(sh('if true; then echo')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('sh: syntax error') });
  });
});

describe('sh and time', () => {
  it('runs what never blocks in no time', () => {
    expect(sh('for i in 1 2 3; do echo $i | cat; done').tookMs).toBe(0);
  });

  it('sleeps in virtual time', () => {
    expect(sh('sleep 1.5; sleep 1m').tookMs).toBe(61_500);
  });

  it('makes endless loops use up time instead of stopping the world', () => {
    expect(sh('while true; do :; done', { limitMs: 20_000 }).tookMs).toBe(-1);
  });

  it('reads what it is given', () => {
    expect(sh('cat; echo end', { stdin: 'from stdin' }).stdout).toBe('from stdinend\n');
  });

  it('has the tools of its image only', () => {
    expect(sh('curl x').stderr).toBe('sh: curl: not found\n');
    expect(sh('wget x', { image: 'nginx', shell: 'bash' }).stderr).toBe('bash: line 1: wget: command not found\n');
    expect(sh('curl http://localhost/x', { image: 'nginx' }).stderr).toContain('Failed to connect to localhost port 80');
  });
});
