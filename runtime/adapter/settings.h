/* runtime/adapter/settings.h - A plugin's settings, read into its struct by the rows of its settings.def. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/vocabulary.h"

struct gcx_link;
struct gcx_services;

/* The kinds of settings, the column `kind` of settings.def. For each kind before `without a look` there is a check
 * in `gcxvm --check` (setting_looks()). The last kinds have an argument: the medium of what comes to the queue or
 * point, or `any`, as in routes(sms); for names(), the kind of name. */
enum setting_value_kind {
    SETTING_IS_plain,
    SETTING_IS_door,      /* an address to listen on; the port is written to the file of the setting NAME_port_file, or
                           * `port_file` */
    SETTING_IS_only_door, /* like `door`, but its absence is reported: nothing comes in without it */
    SETTING_IS_peer,      /* an address to connect to */
    SETTING_IS_imap,      /* URLs of servers to connect to */
    SETTING_IS_smtp,
    SETTING_IS_url,
    SETTING_IS_shown,       /* queues, with commas between, whose content people see and take from */
    SETTING_IS_written,     /* a file that the plugin writes */
    SETTING_IS_kept,        /* a file that the plugin writes, and must find again at its next start */
    SETTING_IS_path,        /* a folder that exists, or a file that is opened when needed */
    SETTING_IS_again,       /* a file that is read again when it has changed (watched.h) */
    SETTING_IS_start,       /* a file that is read only at the start; a change is logged */
    SETTING_IS_key,         /* a file with the key of a certificate, read again with the certificate */
    SETTING_IS_store,       /* "sqlite:FILE", or a connection string */
    SETTING_IS_certificate, /* a file of certificates */
    /* without a look */
    SETTING_IS_answer,  /* `yes` or `no` */
    SETTING_IS_address, /* an address of e-mail */
    SETTING_IS_domain,
    SETTING_IS_folder, /* a folder of IMAP */
    SETTING_IS_secret, /* a file that only we may read, read again when it has changed */
    /* kinds that are checked together with a medium */
    SETTING_IS_QUEUES, /* names of queues, with commas between, into which interactions are put */
    SETTING_IS_ROUTES, /* NAME=QUEUE, with commas between; each NAME is there once, whether it begins with + or not */
    SETTING_IS_POINTS, /* routing points, with commas between */
    SETTING_IS_SENDS,  /* queues whose strategies send the interactions put there */
    SETTING_IS_NAMES   /* names that the site's strategies declare, with commas between */
};

/* A text is a `const char *` of the struct; a number, whose `most` is not 0, a `uint64_t`. */
struct setting_row {
    const char *name, *usual;
    size_t at; /* offset of the setting's value in the plugin's struct */
    uint64_t usual_number, least, most;
    enum setting_value_kind kind;
    const char *medium; /* for queues, routes and points: the medium for which a strategy must be there; "any": it
                         * may be for any medium. For names(): the kind of names, as plugins ask for it by site(). */
};

#define SETTING_IS_queues(of) SETTING_IS_QUEUES, .medium = #of
#define SETTING_IS_routes(of) SETTING_IS_ROUTES, .medium = #of
#define SETTING_IS_points(of) SETTING_IS_POINTS, .medium = #of
#define SETTING_IS_sends(of)  SETTING_IS_SENDS, .medium = #of
#define SETTING_IS_names(of)  SETTING_IS_NAMES, .medium = #of

typedef const char *setting_get(void *self, const char *key); /* returns the value; NULL: the setting is not set */

/* Reads the settings of the rows into the struct `to`; texts are borrowed. False with the reason, which begins with the
 * setting's name. */
bool settings_read(const struct setting_row *, size_t count, void *to, setting_get *, void *self, char *why,
                   size_t why_size);
/* True: `store` names a database, and `country` is a country code or empty. False with the reason. */
bool settings_store(const char *name, const char *store, const char *country, char *why, size_t why_size);
bool setting_yes(const char *value);
/* The `self` for setting_of_link(), which is a setting_get: the link whose settings it reads. */
struct link_settings {
    struct gcx_link *link;
    const struct gcx_services *services;
};
const char *setting_of_link(void *link_settings, const char *key);
enum { MEDIUM_SAID_MAX = 64 }; /* bytes of a medium's name, with its final zero */
/* Finds the medium that the site, or enums.def, gives this name; media_none: it is no medium. */
enum media setting_medium(setting_get *, void *self, const char *name);
/* The name of the medium for people: the site's name for it, or else its word of enums.def. */
void setting_medium_said(setting_get *, void *self, enum media, char said[MEDIUM_SAID_MAX]);
/* A secret that may change while we run. Any thread may read the text, and each text that was read stays valid until
 * secret_free(), since a thread may be logging in with it; only one thread changes the secret. */
struct secret {
    const char *path, *name; /* path of the file, and name of its setting; NULL: the secret comes from no file */
    _Atomic(char *) text;    /* NULL: none */
    struct secret_before *before;
};

/* Reads the secret from the file, like setting_password(). Paths are borrowed. False with the reason: the old secret
 * stays. */
bool secret_read(struct secret *, const char *path, const char *name, char *why, size_t why_size);
const char *secret_text(const struct secret *);   /* NULL: there is none */
void secret_becomes(struct secret *, char *text); /* sets the secret; the struct owns `text` from now on */
void secret_free(struct secret *);                /* overwrites and frees all texts that the secret has had */

/* True: the file is a plain file that others than its owner and group cannot read. False with the reason, which
 * begins with the path. */
bool setting_private(const char *path, char *why, size_t why_size);
/* Sets `*password` to the first line of a file that only we may read; to NULL if `path` is empty. Freed by
 * setting_password_free(). False with the reason, which begins with `name`. */
bool setting_password(const char *path, const char *name, char **password, char *why, size_t why_size);
void setting_password_free(char *); /* overwrites the text; NULL is allowed */
