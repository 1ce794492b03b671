/* runtime/sources/head.h - Asks a server of HTTP for a head, and nothing else: is it there, and how long is its
 * certificate good? For the probes of adapters (probe.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HEAD_PAUSE_S = 30 }; /* between two looks, as endpoints have it */

struct head {
    const char *url, *ca; /* borrowed; `ca` "": the authorities of the system */
    int64_t ends_s;       /* when the server's last certificate ends; 0: it has shown none */
};

/* Does the server answer? A refusal will do, too, as nobody logs in; an answer that the server cannot serve will not.
 * False with the reason. */
bool head_there(void *head, bool thorough, char *why, size_t why_size);
int64_t head_ends_s(void *head);
/* Initializes a struct probe_calls with these two. */
#define HEAD_CALLS(head)                                                                                               \
    {                                                                                                                  \
        .self = (head), .there = head_there, .expires_s = head_ends_s, .pause_s = HEAD_PAUSE_S                         \
    }
