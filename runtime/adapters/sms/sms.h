/* runtime/adapters/sms/sms.h - The plugin `sms`: short messages in and out, a way of the post office (office.h) by SMPP
 * or by a provider's HTTP. The office has the messages; this plugin has their bytes.
 *
 *     in:   deliver_sm, or submit_sm of a gateway --> texts.c --> office_take() --> the answer of SMPP
 *     out:  the office --> submit_sm, or deliver_sm to a gateway; the answer to it, or a receipt --> the office
 *
 * Messages of conversations (session.c) come and go the same way, but the conversation is what keeps them and tells the
 * core. */
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

/* The beginning of the id of a message that an agent writes at a desk; the agent's name, a colon and the page's key
 * follow. */
#define SESSION_BY_DESK "desk:"

struct sms {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct sms_setting setting;
    struct watched_files files;
    struct post_rules rules; /* the settings that the post office needs */
    struct office *office;
    struct sms_links *links;
    struct provider *provider; /* NULL: messages go by SMPP */
    /* application.c */
    struct applications applications;
    struct door *door; /* the door for applications; NULL: none is set */
    /* session.c */
    struct conversations conversations;
    struct robots *robots; /* counts machines' messages, in conversations and outside */
    bool sessions;         /* conversations are set up */
    GHashTable
        *taking; /* of struct session_taking, by the message's name: messages that a conversation is keeping now */
};

/* texts.c: the way. */
extern const struct post_way text_way;
void text_rules(const struct sms_setting *, struct post_rules *);
void text_came(void *self, uint64_t connection, const struct pdu *);
/* Hands a message of a provider by HTTP to the office; owns the item from then on. */
void text_provided(struct sms *, uint64_t connection, struct post_item *);
void text_provided_receipt(struct sms *, struct post_receipt *);
/* Tells the office the peer's answer to a piece, a status of SMPP; `id`: the peer's name of the piece. */
void text_answered(void *sms, void *piece, uint32_t status, const char *id);

/* application.c */
bool application_check(const struct sms_setting *, char *why, size_t why_size);
bool application_open(struct sms *, char *why, size_t why_size);
void application_tick(struct sms *); /* each second */
/* Operations ordered() and asked() of the way: they answer the application, and free the asker. */
void application_ordered(void *asker, bool good, unsigned going, unsigned parts);
void application_asked(void *asker, bool good, const char *state);
void application_free(struct sms *);

/* session.c */
void session_init(struct sms *);
bool session_open(struct sms *, struct event_base *, char *why, size_t why_size);
/* As the operations of a way. */
bool session_take(void *sms, struct post_coming *, const struct post_item *);
void session_word(void *sms, const struct post_item *);
/* Notes that a message which an agent wrote at a desk goes out: the customer's answer will begin a conversation that
 * prefers this agent; a conversation that is open shows the message. */
void session_expect(void *sms, const struct post_sending *);
bool session_is_open(const struct sms *, uint64_t conn);
void session_tick(struct sms *); /* each second */
void session_core_up(struct sms *, bool up);
void session_free(struct sms *);
