/* runtime/adapters/chat/saved.h - Open chats in a file, so that they outlive the process.
 *
 * A chat is a JSON object on a line of its own, appended when it opens or changes and when it is over; the file is
 * written anew when most of its lines are of no use. It has the customers' tokens, so it is its owner's alone. */
#ifndef CHAT_SAVED_H
#define CHAT_SAVED_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct saved;

/* Calls `each` with every chat that the file has as open; a line that is cut off is passed over. NULL with the reason,
 * which begins with the path. */
struct saved *saved_open(const char *path, void (*each)(void *self, const json_t *chat), void *self, char *why,
                         size_t why_size);
void saved_close(struct saved *); /* NULL is allowed */
/* Both name the chat by its external id. `chat` is an object without `id`, and is taken over. False: it cannot be
 * written, errno. */
bool saved_put(struct saved *, const char *id, json_t *chat);
bool saved_over(struct saved *, const char *id);

#endif
