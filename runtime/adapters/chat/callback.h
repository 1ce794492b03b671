/* runtime/adapters/chat/callback.h - Call-backs that customers ask for at a web page, by HTTP requests next to the
 * chat's connection.
 *
 *     GET /callbacks         is it open, and which times are free?
 *     POST /callbacks        {"id", "number", "at", "name"}: a call-back, now or at that time
 *     GET /callbacks/ID      how it stands
 *     DELETE /callbacks/ID   the customer wants it no more
 *
 * The page chooses the id, at least 24 random letters and digits: whoever knows it may ask for the state of the
 * call-back and withdraw it, and requests with the same id are for one call-back. The core holds the call-back as a
 * booking, whose data name it (booking.h); the core is asked each second about the call-backs that are due.
 *
 *     ASKED -> SCHEDULED -> QUEUED -> ROUTING -> PROCESSING -> COMPLETED (reason)
 *       \----------------------^ now                              ^ from any of them
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chat;
struct conversation_memos;
struct evhttp_request;
struct message;

struct callbacks; /* all call-backs of a plugin */

/* How call-backs are stored in the contact store, from which the next process restores them. */
extern const struct conversation_memos callback_memos;

/* Opens the plugin's call-backs. Returns NULL with the reason in `why`; NULL and an empty `why` where the setting
 * `callbacks` is empty and the site offers none. */
struct callbacks *callbacks_new(struct chat *, char *why, size_t why_size);
void callbacks_free(struct callbacks *); /* NULL is allowed, as for the functions below */
void callbacks_request(struct callbacks *, struct evhttp_request *, const char *path);
void callbacks_tick(struct callbacks *); /* each second */
/* Is the message an answer of the core to a request or read of the call-backs? True: the answer was handled here. */
bool callbacks_answered(struct callbacks *, const struct message *effect);
