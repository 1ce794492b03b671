/* tests/fuzz/fuzz_head.c - Any bytes as the head of a request: where it is good, a reader who forgives everything finds
 * no other length, encoding or host in it. */
#include <string.h>
#include <strings.h>

#include "base/head.h"
#include "tests/fuzz/fuzz.h"

/* How many lines begin with that name, whatever ends lines, and whatever stands around the name. */
static unsigned forgiving_count(const char *head, size_t length, const char *name)
{
    unsigned count = 0;
    for (size_t at = 0; at + strlen(name) <= length; at++) {
        size_t end = at + strlen(name), before = at;
        if (strncasecmp(head + at, name, strlen(name)) != 0) continue;
        while (before > 0 && (head[before - 1] == ' ' || head[before - 1] == '\t' || head[before - 1] == '\v'))
            before--;
        while (end < length && (head[end] == ' ' || head[end] == '\t')) end++;
        bool first = before > 0 && (head[before - 1] == '\n' || head[before - 1] == '\r' || head[before - 1] == 0);
        count += first && end < length && head[end] == ':';
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *head = (const char *)bytes;
    size_t length = head_length(head, size);
    const char *so_far = head_wrong_so_far(head, length ? length : size);
    if (!length) return 0;
    const char *wrong = head_wrong(head, length);
    MUST(length <= size && memcmp(head + length - 4, "\r\n\r\n", 4) == 0 && (!so_far || wrong));
    if (wrong) return 0;
    unsigned lengths = forgiving_count(head, length, "content-length");
    unsigned encodings = forgiving_count(head, length, "transfer-encoding");
    MUST(lengths + encodings <= 1 && forgiving_count(head, length, "host") <= 1 && !memchr(head, 0, length));
    return 0;
}
