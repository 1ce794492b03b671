/* runtime/core/media/chat.h - Sessions, such as a chat: interactions that were submitted with a leg, in which a
 * customer and agents write to each other; and the answers to a short message that is an interaction by itself
 * (paging).
 *
 * The session's link is its home: it numbers the messages, drops repeated ones and keeps the transcript. The core
 * passes messages on between the home and the desktops of the agents who have the interaction. The interaction stays
 * until the home reports that the session has ended and the transcript is stored. */
#pragma once

#include <stdbool.h>

#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

void chat_on_message(struct core *, const struct message *); /* EventMessage */
void chat_on_ended(struct core *, const struct message *);   /* EventSessionEnded */
/* Takes an EventParty about a session: a customer or an agent has joined or left. */
void chat_on_party(struct core *, struct interaction *, const struct message *);

/* Called when the home is up again: sends again the messages that the home has not confirmed, in their order, and
 * the session's end last. */
void chat_send_again(struct core *, struct interaction *);
/* Asks the home to end the session, and repeats this after each resync until the home reports that the session has
 * ended. */
void chat_close(struct core *, struct interaction *, enum cause);
/* Ends the interaction. A session with a customer is closed first, and ends when its link reports this; one without
 * ends now. The agent `but` has asked for it and is not told; AGENT_NONE: nobody has. */
void chat_stop(struct core *, struct interaction *, uint32_t but);
/* The session has ended or is lost: begins the strategy for the time afterwards, or ends the interaction. */
void chat_over(struct core *, struct interaction *, unsigned cause);
