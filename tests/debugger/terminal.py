"""Ctrl-C at the prompt of gcxdb gives up the line that was begun; what was set before is still there.

usage: terminal.py GCXDB PROGRAM
"""
import os
import pty
import signal
import sys

pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], ["gcxdb", "run", sys.argv[2]])
signal.alarm(60)  # ends this test where a text never comes


said = b""


def heard(text):
    """Reads up to the text; what comes behind it is for the next one."""
    global said
    while text not in said:
        try:
            said += os.read(terminal, 4096)
        except OSError:
            sys.exit("gcxdb has ended before it says %r: %r" % (text, said))
    said = said[said.index(text) + len(text) :]


def type_in(keys):
    os.write(terminal, keys)


PROMPT = b"(gcxdb 0.000s) "
heard(PROMPT)
type_in(b"break exit timeout\r")
heard(PROMPT)
type_in(b"delete")
heard(b"delete")
type_in(b"\x03")
heard(b"^C")
heard(PROMPT)
type_in(b"\x03")
heard(PROMPT)
type_in(b"info breakpoints\r")
heard(b"exit timeout")
type_in(b"quit\r")
status = os.waitpid(pid, 0)[1]
sys.exit(0 if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0 else "status %d" % status)
