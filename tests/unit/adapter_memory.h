/* tests/unit/adapter_memory.h - The transport without a socket: both ends of a link in one thread, for tests. */
#pragma once

#include "runtime/adapter/protocol.h"

/* Carries what both ends have to say, at most `chunk` bytes at a time (0: all there is), until neither has anything.
 * False where the link is over: both ends have been told. */
bool memory_pump(struct link_client *, struct link_server *, size_t chunk, uint64_t now_us);
