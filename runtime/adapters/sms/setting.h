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
    struct own_numbers own_numbers; /* what `numbers` has */
    struct setting_route {          /* conversations begin on it */
        char digits[64], queue[65]; /* "*": each number; "": the queue of the number */
        GRegex *pattern;            /* of the first message; NULL: each one */
    } * routes;
    size_t route_count;
    const struct own_number *own; /* the one that messages come from */
    struct network *of;           /* what `network` has; NULL: it is SMPP */
    struct network_given given;   /* of that */
    struct secret token;          /* that applications say */
    struct secret bind;           /* by which we bind */
    struct secret peer_lines;     /* what the file of peers has */
    enum parts_way parts;
    enum receipt_ids receipts;
    bool resends; /* `unknown` is again, or the provider knows a message that comes twice */
};

extern const char *const setting_names[];

/* Texts are borrowed. False with the reason, which begins with the setting's name. */
bool sms_setting_read(struct sms_setting *, setting_get *, void *self, char *why, size_t why_size);
watched_again setting_peers_again; /* of a struct sms_setting: the file of peers */
void sms_setting_free(struct sms_setting *);
/* The queue to which a message begins a conversation; NULL: it begins none. */
const char *setting_session_queue(const struct sms_setting *, const char *own, const char *text);
/* For `gcxvm --check`: is somebody in the file of peers, and nobody twice? */
void setting_peers_look(const struct sms_setting *, const struct gcx_look *);
/* The password of a name in the file of peers; NULL: there is none. Freed by g_free(). */
char *setting_peer(const struct sms_setting *, const char *system_id);
