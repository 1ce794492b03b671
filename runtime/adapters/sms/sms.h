/* runtime/adapters/sms/sms.h - The plugin `sms`: receives and sends short messages, by SMPP or a provider's HTTP
 * API, as items of the post office (office.h). The post office keeps and submits the messages; this plugin has their
 * bytes.
 *
 *     in:   deliver_sm, or submit_sm of a gateway --> texts.c --> office_take() --> the answer of SMPP
 *     out:  the office --> submit_sm, or deliver_sm to a gateway; the answer to it, or a receipt --> the office
 *
 * Messages of conversations (session.c) are received and sent in the same way, but the conversation keeps them and
 * tells the core. */
#pragma once

#include <glib.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/watched.h"
#include "runtime/adapters/conversation/conversation.h"
#include "runtime/adapters/sms/link.h"
#include "runtime/adapters/sms/provider.h"
#include "runtime/adapters/sms/setting.h"
#include "runtime/post/office.h"
#include "runtime/vocabulary/message.h"
#include "runtime/web/applications.h"

struct event_base;
struct robots;

enum { SMS_SECOND_US = 1000000 };

/* How the id of a message from an agent at a desk begins; the agent's name, a colon and the page's key follow. */
#define SESSION_BY_DESK "desk:"

struct sms {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct sms_setting setting;
    struct watched_files files;
    struct post_rules rules; /* the settings that the post office needs */
    struct office *office;
    struct sms_links *links;
    struct provider *provider; /* NULL: messages are sent by SMPP */
    /* application.c */
    struct applications applications;
    struct door *door; /* the HTTP server for applications; NULL: not set */
    /* session.c */
    struct conversations conversations;
    struct robots *robots; /* limits messages of machines, in conversations and outside */
    bool sessions;         /* conversations are set up */
    GHashTable
        *taking; /* of struct session_taking, by the message's name: messages that a conversation is about to keep */
};

/* texts.c: the way. */
extern const struct post_way text_way;
void text_rules(const struct sms_setting *, struct post_rules *);
void text_came(void *self, uint64_t connection, const struct pdu *);
/* Hands a message of a provider with HTTP to the post office, which owns the item from then on. */
void text_provided(struct sms *, uint64_t connection, struct post_item *);
void text_provided_receipt(struct sms *, struct post_receipt *);
/* As text_answered(); `why`: the provider's words. */
void text_provided_answer(void *sms, void *piece, uint32_t status, const char *id, const char *why);
/* Reports the peer's answer to a piece to the post office, as a status of SMPP; `id`: the peer's name for the piece. */
void text_answered(void *sms, void *piece, uint32_t status, const char *id);

/* application.c */
bool application_check(const struct sms_setting *, char *why, size_t why_size);
bool application_open(struct sms *, char *why, size_t why_size);
void application_tick(struct sms *); /* each second */
/* The operations ordered() and asked() of struct post_way: they answer the application, and free the asker. */
void application_ordered(void *asker, bool good, unsigned going, unsigned parts);
void application_asked(void *asker, bool good, const char *state);
void application_free(struct sms *);

/* session.c */
void session_init(struct sms *);
bool session_open(struct sms *, struct event_base *, char *why, size_t why_size);
/* Takes a message into a conversation, as an operation of struct post_way. */
bool session_take(void *sms, struct post_coming *, const struct post_item *);
void session_word(void *sms, const struct post_item *);
/* Notes that a message of an agent at a desk is sent: the customer's answer will begin a conversation that prefers
 * this agent; an open conversation shows the message. */
void session_expect(void *sms, const struct post_sending *);
bool session_is_open(const struct sms *, uint64_t conn);
void session_tick(struct sms *); /* each second */
void session_core_up(struct sms *, bool up);
void session_free(struct sms *);
