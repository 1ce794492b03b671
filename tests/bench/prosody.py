"""prosody.py PORT PID CLIENTS: so many clients log in to Prosody, anonymously, and are available. Prints KiB of it before
the clients and with them."""
import asyncio, sys

PORT, PID, CLIENTS = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
STREAM = ("<stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>")


def memory():
    return int(next(line for line in open(f"/proc/{PID}/status") if line.startswith("VmRSS")).split()[1])


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
    print(alone, memory())

asyncio.run(main())
