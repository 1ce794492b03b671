/* runtime/adapters/im/setting.h - The settings of the plugin `im`. */
#pragma once

#include <glib.h>

#include "runtime/adapter/settings.h"

struct im_setting { /* texts are borrowed */
#define SETTING(name, ...) const char *name;
#define NUMBER(name, ...)  uint64_t name;
#include "runtime/adapters/im/settings.def"
#undef SETTING
#undef NUMBER
    struct secret secret;
    char **all_queues;
    GPtrArray *all_workers; /* of struct worker_row */
};

struct worker_row {
    char *agent, *jid; /* jid: bare, in lower case */
};

extern const char *const setting_names[];

/* False with the reason in `why`, which begins with the setting's name. im_setting_free() either way. */
bool im_setting_read(struct im_setting *, setting_get *, void *self, char *why, size_t why_size);
void im_setting_free(struct im_setting *);

/* ---- addresses of XMPP (RFC 7622), so far as they are needed ---- */

enum { JID_MAX = 256 };

/* Writes the JID without its resource, in lower case (ASCII). False: the text is not a JID, or too long. */
bool im_jid_bare(const char *jid, char bare[JID_MAX]);
const char *im_jid_resource(const char *jid); /* the part after the /; "": there is none */
/* Writes the part of a bare JID before the @; "": there is none. */
void im_jid_local(const char *bare, char local[JID_MAX]);
