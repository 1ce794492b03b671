/* runtime/sources/head.h - Sends a HEAD request to an HTTP server to find out whether it answers, and until when its
 * certificate is valid. The probes of adapters use it (probe.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HEAD_PAUSE_S = 30 }; /* seconds between two looks, as for endpoints */

struct head {
    const char *url, *ca; /* not copied; `ca` "": the authorities of the system */
    int64_t ends_s;       /* when the server's last certificate expires; 0: it has shown none */
};

/* Does the server answer? A refusal counts as an answer, too, because no login is sent; an answer that the server
 * cannot serve does not count. False with the reason. */
bool head_there(void *head, bool thorough, char *why, size_t why_size);
int64_t head_ends_s(void *head);
/* Initializes a struct probe_calls with head_there() and head_ends_s(). */
#define HEAD_CALLS(head)                                                                                               \
    {                                                                                                                  \
        .self = (head), .there = head_there, .expires_s = head_ends_s, .pause_s = HEAD_PAUSE_S                         \
    }
