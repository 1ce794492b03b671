/* runtime/adapters/webhook/known.h - Messages that were taken from a network, by their names, also by the process
 * before. */
#ifndef WEBHOOK_KNOWN_H
#define WEBHOOK_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

struct known;

/* `state` and `name` are the file that the next process reads; "": there is none. NULL with the reason. */
struct known *known_open(const char *state, const char *name, char *why, size_t why_size);
void known_free(struct known *); /* NULL is allowed */
bool known_has(const struct known *, const char *id);
/* False: it is known by this process only, errno. */
bool known_add(struct known *, const char *id);

#endif
