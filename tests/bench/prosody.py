"""prosody.py PORT PID CLIENTS SECONDS: so many clients log in to Prosody, anonymously, and are available; then nothing is
done for SECONDS. Prints KiB of it before the clients and with them, and ms of its CPU time in an idle second."""
import asyncio, os, sys

PORT, PID, CLIENTS, SECONDS = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
STREAM = ("<stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>")


def memory():
    return int(next(line for line in open(f"/proc/{PID}/status") if line.startswith("VmRSS")).split()[1])


def cpu_us():
    return int(open(f"/proc/{PID}/schedstat").read().split()[0]) / 1000


async def log_in(few, kept):
    async with few:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        kept.append((reader, writer))
        for said, heard in ((STREAM, b"</stream:features>"),
                            ("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>", b"<success"),
                            (STREAM, b"</stream:features>"),
                            ("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", b"</iq>"),
                            ("<presence/>", b"<presence")):
            writer.write(said.encode())
            await reader.readuntil(heard)


async def main():
    few, kept, alone = asyncio.Semaphore(20), [], memory()
    await asyncio.gather(*(log_in(few, kept) for _ in range(CLIENTS)))
    begun = cpu_us()
    await asyncio.sleep(SECONDS)
    print(alone, memory(), f"{(cpu_us() - begun) / SECONDS / 1000:.3f}")

asyncio.run(main())
