/* runtime/adapters/sms/setting.h - The plugin's settings, read and checked. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapter/numbers.h"
#include "runtime/adapter/settings.h"
#include "runtime/adapters/sms/parts.h"
#include "runtime/adapters/sms/receipt.h"
#include "runtime/adapters/webhook/given.h"
#include "runtime/adapters/webhook/network.h"

enum { SETTING_NUMBERS_MAX = 1000 };

struct gcx_look;

struct sms_setting {
#define SETTING(name, usual, kind, doc)    const char *name;
#define NUMBER(name, usual, min, max, doc) uint64_t name;
#include "runtime/adapters/sms/settings.def"
#undef SETTING
#undef NUMBER
    struct own_numbers own_numbers; /* the numbers that the setting `numbers` lists */
    struct setting_route {          /* one of the plugin's numbers, on which conversations begin */
        char digits[64], queue[65]; /* digits "*": every number; queue "": the number's own queue */
        GRegex *pattern;            /* the first message must match this; NULL: any message begins one */
    } * routes;
    size_t route_count;
    const struct own_number *own; /* the number from which messages are sent */
    struct network *of;           /* the data file named by the setting `network`; NULL: SMPP is used */
    struct network_given given;   /* the site's values for that network */
    struct secret token;          /* the bearer token that applications must send */
    struct secret bind;           /* the password with which this adapter binds to the provider */
    struct secret peer_lines;     /* the lines of the file of peers, with their passwords */
    enum parts_way parts;
    enum receipt_ids receipts;
    bool resends; /* the setting `unknown` is again, or the provider recognizes repeated messages */
};

extern const char *const setting_names[];

/* Texts are borrowed. False with the reason in `why`, which begins with the setting's name. */
bool sms_setting_read(struct sms_setting *, setting_get *, void *self, char *why, size_t why_size);
watched_again setting_peers_again; /* reads the file of peers of a struct sms_setting again */
void sms_setting_free(struct sms_setting *);
/* Returns the queue for a conversation that this message begins; NULL: it begins none. */
const char *setting_session_queue(const struct sms_setting *, const char *own, const char *text);
/* Checks for `gcxvm --check` that the file of peers has a peer, and none twice. */
void setting_peers_look(const struct sms_setting *, const struct gcx_look *);
/* Returns the password of the peer with this system_id in the file of peers; NULL: there is none. Freed by g_free(). */
char *setting_peer(const struct sms_setting *, const char *system_id);
