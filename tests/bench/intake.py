"""intake.py lmtp|smtp PORT COUNT CONNECTIONS NAME: hands over so many mails of 4 KiB, each on one of so many connections,
and prints the seconds until the last was answered."""
import smtplib, sys, threading, time

kind, port, count, connections, name = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
body = ("The quick brown fox jumps over the lazy dog and writes about it.\r\n" * 64)[:4096]
failed = []


def hand_over(first):
    server = (smtplib.LMTP if kind == "lmtp" else smtplib.SMTP)("127.0.0.1", port, local_hostname="bench.example")
    for n in range(first, count, connections):
        sender = f"u{n % 100}@example.org"
        mail = (f"From: {sender}\r\nTo: service@shop.example\r\nSubject: mail {n}\r\n"
                f"Message-ID: <{name}-{n}@example.org>\r\n\r\n{n} {body}\r\n")
        try:
            server.sendmail(sender, "service@shop.example", mail)
        except smtplib.SMTPException as why:
            failed.append(why)
    server.quit()


threads = [threading.Thread(target=hand_over, args=(first,)) for first in range(connections)]
begun = time.monotonic()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
if failed:
    sys.exit(f"{len(failed)} were refused: {failed[0]}")
print(f"{time.monotonic() - begun:.3f}")
