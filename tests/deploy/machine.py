"""An empty machine, as an administrator finds it: a view of this one (an overlay in memory), with a systemd of its own
as process 1 and a network that has nothing but loopback. What is written there is gone with it. Root on Debian.
"""

from __future__ import annotations

import os
import re
import runpy
import signal
import subprocess
import textwrap
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STRANGER = runpy.run_path(str(ROOT / "scripts" / "release"))
GROUP = "pennypost-transcripts"
HOME = "/home/admin"
SITE = "https://webmail.example.org"
SIGN_IN = f"""
rm -f /srv/try/cookies
ask() {{ curl -s -m 60 -b /srv/try/cookies -c /srv/try/cookies -H 'Origin: {SITE}' "$@"; }}
token=$(ask {SITE}/login | grep -o 'name="csrf_token"[^>]* value="[^"]*"' | head -n 1 | sed 's/.*value="//; s/"$//')
ask -o /dev/null -w '%{{http_code}} ' --data-urlencode "csrf_token=$token" --data-urlencode user=alice@example.org \\
    --data-urlencode password=correct-horse-7 {SITE}/login
ask -o /dev/null -w '%{{http_code}}' {SITE}/m/INBOX
"""
READ_ON = f"""
rm -f /srv/try/enough
while [ ! -e /srv/try/enough ]; do
    curl -s -m 60 -b /srv/try/cookies -o /dev/null -w '%{{http_code}} %{{time_total}}\\n' {SITE}/m/INBOX
    sleep 0.3
done
"""
BOOT = """
cd "$1"
mount -t tmpfs tmpfs . && cd "$1" && mkdir kept work root
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/kept,workdir=$1/work" root
cd root
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
if [ -e /sys/fs/cgroup/systemd ]; then
    mount -t tmpfs -o mode=755 tmpfs sys/fs/cgroup && mkdir sys/fs/cgroup/systemd
    mount -t cgroup -o none,name=systemd cgroup sys/fs/cgroup/systemd
fi
mount -t tmpfs -o mode=755 tmpfs dev
mkdir dev/pts dev/shm
for name in null zero full random urandom tty; do : >dev/$name; mount --bind /dev/$name dev/$name; done
ln -s /proc/self/fd dev/fd
ln -s pts/ptmx dev/ptmx
mount -t devpts devpts dev/pts
hostname webmail
ip link set lo up
mkdir -p srv/try home/admin mnt/before
chmod 755 srv srv/try
echo "127.0.0.1 localhost mail.example.org webmail.example.org node1.example.org node2.example.org" >etc/hosts
sed -i /^pennypost:/d etc/passwd etc/shadow etc/group etc/gshadow
rm -rf etc/systemd/system/*.wants etc/nginx/sites-enabled/* var/lib/redis/* opt/pennypost*
pivot_root . mnt/before
umount -l /mnt/before
exec env -i container=other PATH=/usr/sbin:/usr/bin /lib/systemd/systemd --log-target=journal --show-status=0 </dev/null
"""
NOISE = re.compile(
    r"\s*(Looking in|Collecting|Downloading|Using cached|Requirement already|WARNING: |\[notice|Obtaining|Processing|"
    r"Prep|Installing |Building|Built|Stored|Created w|Found ex|Attempting|Resolved|Installed \d|[+-] |Bytecode|"
    r"creating|upgrading|installing|==> \.\.\.|━|Synchron|Executing:|/.*\.(gz|whl)$|% Total|Dload|\d+ +\d+ +\d|$)"
)
"""What installers say of their way, and where on this machine they find things; curl's clock."""


def blocks(page: str, heading: str) -> list[list[str]]:
    """The commands of a section, block by block."""
    part = re.split(rf"(?m)^#+ {re.escape(heading)}$", (ROOT / page).read_text("utf-8"))[1]
    part = re.split(r"(?m)^#+ ", part)[0]
    found = re.findall(r"(?m)^ {4}\S.*\n(?:^ {4}.*\n)*", part)
    return [re.sub(r"\\\n +", "", textwrap.dedent(one)).splitlines() for one in found]


class Machine:
    """An empty one. text: what was typed and printed so far, as the page shows it."""

    def __init__(self, place: str) -> None:
        self.text: list[str] = []
        self.folder = "/"
        self.groups = [path / GROUP for path in Path("/sys/fs/cgroup").glob("*/") if (path / "cgroup.procs").exists()]
        if Path("/sys/fs/cgroup/cgroup.procs").exists():
            self.groups = [Path("/sys/fs/cgroup", GROUP)]
        ways = ["-m", "-p", "-n", "-u", "-i", "-C", "--fork", "--kill-child"]
        self.process = subprocess.Popen(
            ["unshare", *ways, "sh", "-euc", BOOT, "sh", place], stderr=subprocess.DEVNULL, preexec_fn=self._apart
        )
        self.first = ""
        for _ in range(60):
            time.sleep(0.5)
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            self.first = children[0] if children else ""
            if self.first and self.quiet("systemctl is-system-running").strip() in ("running", "degraded"):
                return
        raise SystemExit("its systemd did not start")

    def _apart(self) -> None:
        """In groups of its own, so that its systemd makes none beside them."""
        for group in self.groups:
            group.mkdir(exist_ok=True)
            try:
                (group / "cgroup.procs").write_text(str(os.getpid()))
            except OSError:
                pass  # a cpuset without processors takes nobody

    def end(self) -> None:
        if self.first:
            os.kill(int(self.first), signal.SIGKILL)
        self.process.wait(30)
        time.sleep(1)  # until the last of its processes has left its group
        for group in self.groups:
            for folder, _, _ in os.walk(group, topdown=False):
                os.rmdir(folder)

    def command(self, line: str, online: bool) -> list[str]:
        inside = ["nsenter", "-t", self.first, "-m", "-p", "-u", "-i", "-C", *([] if online else ["-n"]), "-r", "-w"]
        given = [f"{name}={value}" for name, value in os.environ.items() if re.match(r"(PIP|UV|SSL)_|\w+_proxy$", name)]
        path = f"{HOME}/.local/bin:/opt/tools/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        environ = ["env", "-i", f"PATH={path}", f"HOME={HOME}", "LANG=C.UTF-8", "TERM=dumb", "COLUMNS=110"]
        return [*inside, *environ, *given, "bash", "-c", f"cd {self.folder}; {line}"]

    def quiet(self, line: str, online: bool = False, given: str = "", wanted: int | None = None) -> str:
        """Typed, and not shown. wanted: the exit code that it must have."""
        done = subprocess.run(
            self.command(line, online), input=given, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=400,
        )  # fmt: skip
        if wanted is not None and done.returncode != wanted:
            log = self.quiet("journalctl -n 20 -o cat --no-pager")
            raise SystemExit(f"{line}\nended with {done.returncode}\n{done.stdout}\n{log}")
        return done.stdout

    def types(self, line: str, *, given: str = "", wanted: int = 0, most: int = 12) -> None:
        """Typed and shown, at most so many lines of the answer."""
        online = bool(re.search(r"pip install|pipx|uv tool|uvx|scripts/", line))
        print(f"$ {line}", flush=True)
        said = re.sub(r"\x1b\[[0-9;]*m|[^\x00-\x7f\w“”…]+ *$", "", self.quiet(line, online, given, wanted), flags=re.M)
        lines = [one.rstrip() for one in said.splitlines() if not NOISE.match(one)]
        lines = [re.sub(r"(Successfully installed) \S+ .*", r"\1 ...", one) for one in lines]
        if len(lines) > most:
            lines[most - 2 : -1] = ["..."]
        code = [f"[{wanted}]"] if wanted else []
        self.text += [f"    $ {line}", *(f"    {one[:115]}{'...' * (len(one) > 115)}" for one in (*lines, *code))]

    def says(self, words: str) -> None:
        self.text += ["", words, ""]

    def demo(self, line: str) -> None:
        """It starts, somebody signs in, Ctrl-C."""
        print(f"$ {line}", flush=True)
        demo = subprocess.Popen(
            self.command(f"exec {line}", online=True), text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        try:
            url, *person = STRANGER["address_and_person"](demo)
            STRANGER["signed_in"](url, *person)
        finally:
            os.killpg(demo.pid, signal.SIGINT)
            rest = demo.communicate(timeout=60)[0].split()
        shown = f"says its address and two accounts; {person[0]} signed in. Ctrl-C: “{' '.join(rest)}”"
        self.says(f"`{line}` {shown}")

    def signs_in(self) -> None:
        """Alice, in a browser that keeps cookies."""
        if (said := self.quiet(SIGN_IN, wanted=0)) != "303 200":
            raise SystemExit(f"alice could not sign in: {said}")
        self.says(f"Alice signs in at {SITE}: 303, and her inbox: 200.")

    def read_on(self, *lines: str) -> None:
        """Alice asks for her inbox again and again while these lines are typed; no request may fail."""
        self.quiet("cat >/srv/try/read_on", given=READ_ON)
        command = self.command("sh /srv/try/read_on", online=False)
        begun = subprocess.Popen(command, text=True, stdout=subprocess.PIPE)
        time.sleep(1)
        for line in lines:
            self.types(line)
        time.sleep(2)
        self.quiet("touch /srv/try/enough", wanted=0)
        answers = [line.split() for line in begun.communicate(timeout=300)[0].splitlines()]
        if [code for code, _ in answers if code != "200"]:
            raise SystemExit(f"not all were answered: {answers}")
        longest = max(float(seconds) for _, seconds in answers)
        told = f"all 200, within {longest:.1f} s"
        self.says(f"Alice, still signed in, asked for her inbox {len(answers)} times meanwhile: {told}.")
