/* runtime/sources/head.h - Asks a server of HTTP for a head, and nothing else: is it there, and how long is its
 * certificate good? For the probes of adapters (probe.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HEAD_PAUSE_S = 30 }; /* between two looks, as endpoints have it */

struct head {
    const char *url, *ca; /* borrowed; `ca` "": the authorities of the system */
    int64_t ends_s;       /* when the certificate ends that it has shown last; 0: it has shown none */
};

/* Any answer will do, a refusal, too, as nobody logs in; an answer that it cannot serve does not. False with the
 * reason. */
bool head_there(void *head, bool thorough, char *why, size_t why_size);
int64_t head_ends_s(void *head);
/* A struct probe_calls. */
#define HEAD_CALLS(head)                                                                                               \
    {                                                                                                                  \
        .self = (head), .there = head_there, .expires_s = head_ends_s, .pause_s = HEAD_PAUSE_S                         \
    }
