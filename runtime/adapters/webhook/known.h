/* runtime/adapters/webhook/known.h - Messages that were taken lately: one of them that comes again is passed over, also
 * by the next process, and after its conversation has ended. */
#ifndef WEBHOOK_KNOWN_H
#define WEBHOOK_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

struct known;

/* `path`: of the file that the next process reads; NULL: there is none. NULL with the reason. */
struct known *known_open(const char *path, char *why, size_t why_size);
void known_free(struct known *); /* NULL is allowed */
bool known_has(const struct known *, const char *id);
/* False: it is known by this process only, errno. */
bool known_add(struct known *, const char *id);

#endif
