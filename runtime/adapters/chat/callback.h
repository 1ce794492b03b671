/* runtime/adapters/chat/callback.h - Call-backs that customers ask for at a page, by HTTP beside the chats.
 *
 *     GET /callbacks         is it open, and which times are free?
 *     POST /callbacks        {"id", "number", "at", "name"}: a call-back, now or at that time
 *     GET /callbacks/ID      how it stands
 *     DELETE /callbacks/ID   the customer wants it no more
 *
 * The page makes the id, 24 random letters and digits at least: whoever knows it may ask and take back, and what is
 * asked again under it is one call-back. The core has it as a booking, whose data name it (booking.h), and is asked
 * each second how those stand that are due.
 *
 *     ASKED -> SCHEDULED -> QUEUED -> ROUTING -> PROCESSING -> COMPLETED (reason)
 *       \----------------------^ now                              ^ from any of them */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chat;
struct conversation_memos;
struct evhttp_request;
struct message;

struct callbacks; /* all call-backs of a plugin */

/* Memos of the plugin's conversations, by which the next process knows its call-backs. */
extern const struct conversation_memos callback_memos;

/* Opens the plugin's call-backs. NULL with the reason; where the setting `callbacks` is empty, there are none, and
 * `why` is empty. */
struct callbacks *callbacks_new(struct chat *, char *why, size_t why_size);
void callbacks_free(struct callbacks *); /* NULL is allowed, as for the functions below */
void callbacks_request(struct callbacks *, struct evhttp_request *, const char *path);
void callbacks_tick(struct callbacks *); /* each second */
/* Is the effect an answer to a question of the call-backs? True: it was dealt with. */
bool callbacks_answered(struct callbacks *, const struct message *effect);
