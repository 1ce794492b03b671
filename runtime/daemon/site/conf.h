/* runtime/daemon/site/conf.h - The configuration file of gcxvm: read, checked against conf.def, and owned by the
 * caller.
 *
 * The file has paths, ports, bounds and references to secrets; people, DNs and the strategies of routing points are
 * in the directory. Every complaint names file, line and what is expected instead.
 *
 * Invariants of a `struct conf` that conf_read() returned: every number is within the bounds of its row in conf.def;
 * every text is set, to "" if it was not given; relative paths are resolved from the file's folder. Members have the
 * names of the keys in conf.def, and conf.c fills them by that table. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/daemon/base/log.h"
#include "runtime/daemon/protocol/roles.h"
#include "runtime/daemon/site/freeze.h"
#include "runtime/vocabulary/contract.h"

struct conf_setting { /* a setting of an adapter, for its plugin */
    char *key, *value;
    int line;
};

struct conf_source {
    char *name;
#define SOURCE_KIND(key, operations, example) char *key; /* "" if the section does not give the key */
#define SOURCE_TEXT(key)                      char *key;
#define SOURCE_TRUTH(key)                     bool key;
#define SOURCE_NUMBER(field, key)             uint64_t key;
#define SOURCE_TIME(field, key)               uint64_t key;
#include "runtime/sources/options.def"
    int line; /* where it ends */
};

struct conf_endpoint {
    char *name, *url, *header_file, *ca_file; /* each text: "" if it is not given */
    char *answer, *at, *request_file, *content_type;
    uint64_t timeout_ms, connect_ms, bytes, connections, waiting, failures, retry_ms, retry_max_ms;
    int line; /* where it ends */
};

struct conf_native {
    char *name, **libraries;
    size_t library_count;
};

struct conf_role { /* a role that sites name in `edit`; its members are in conf.roles */
    char *name;
};

struct conf_room { /* a room with a log level of its own */
    char *name;
    enum log_level level;
};

struct conf_adapter {
    char *name, *plugin; /* plugin: the path of the file to open */
    bool remote;         /* the adapter is started on another machine, and known by `certificate_name` */
    char *certificate_name;
    uint64_t restart_ms, restart_max_ms, outlive_s, linkless_s;
    uint64_t arrivals, silent_s, link_grace_s, resync_s, audit_s;
    struct conf_setting *settings;
    size_t setting_count;
    int line; /* where the section ends */
};

struct conf_space { /* how much of the disk must be free, at least */
    uint64_t amount;
    bool percent; /* true: `amount` is percent of the disk; false: megabytes */
};
enum { CONF_SPACES = 3 };

struct conf_log {
    char *format, *personal; /* the words in the file; conf.log_format and log_personal have their values */
    uint64_t rate;
};

struct conf {
    char *file, *directory, *state, *journal, *key_file, *admin, *links, *plugins, *http, *traces;
    char *records;
    char *country;       /* country by ISO 3166; empty: none (person.h) */
    char *remote_listen; /* empty: no remote adapters */
    char *remote_port_file, *remote_certificate, *remote_key, *remote_ca;
    char **strategies;
    struct conf_line { /* the line of a setting outside all sections */
        char *key;
        int line;
    } * lines;
    size_t line_count;
    int directory_line, *strategy_lines; /* lines of the settings in the file; 0: not known */
    size_t strategy_count;
    uint64_t directory_s, partition, interactions, drain_s, trace_one_in, arrivals_per_s, lag_ms, memory_mb, space_mb;
    char *space_arrivals, *space_relief, *space_stop; /* the texts in the file; `space` has their values */
    /* limits for arrivals, relief, stop: each lower than the one before */
    struct conf_space space[CONF_SPACES];
    uint64_t reserve_mb, journal_wait_s, lease_ms;
    char *node; /* empty: the host name */
    bool prune_when_short, bounded_reading;
    uint64_t snapshot_s, snapshot_events, journal_days, reader_days;
    char *freeze_zone, *freeze; /* the texts in the file; `frozen` has their values */
    struct freeze frozen;
    uint64_t admin_idle_s, admin_share;
    struct conf_log log;
    char *log_level; /* the word in the file; `level` has its value */
    enum log_level level;
    enum log_format log_format;
    bool log_personal; /* the log may show callers' numbers and data */
    struct conf_room *rooms;
    size_t room_count;
    struct role_rule *roles; /* rules for the peers of the admin socket */
    size_t role_count;
    struct conf_role *edit_roles; /* roles for `edit`: a member's rule has the role's place here, from 1 */
    size_t edit_role_count;
    struct conf_source *sources;
    size_t source_count;
    struct conf_endpoint *endpoints;
    size_t endpoint_count;
    struct conf_native *natives;
    size_t native_count;
    struct conf_adapter *adapters;
    size_t adapter_count;
    char *own_media; /* the strategies' names of the site's own media, for adapters (settings.h); NULL: none */
};

/* Receives complaints, one sentence each: "gcx.conf:7: unknown setting `sate`; expected ...". */
typedef void conf_complaint(void *self, const char *text);

/* Reads a configuration. NULL after complaints. `plugins`: replaces the setting of that name; or NULL. */
struct conf *conf_read(const char *file, const char *plugins, conf_complaint *, void *self);
void conf_free(struct conf *);
/* Writes the plugin's name, which is its file's name without folder and suffix. */
enum { CONF_PLUGIN = 64 };
void conf_plugin(const struct conf_adapter *, char name[CONF_PLUGIN]);
/* true: the adapter's plugin has the ability; false also for a plugin that is not of this tree */
bool conf_plugin_can(const struct conf_adapter *, enum cap);
/* A setting of the adapter's own; NULL: it is not set, or empty. */
const char *conf_value(const void *adapter, const char *key);
/* Returns the line of a setting outside all sections; 0: the file does not have it. */
int conf_line(const struct conf *, const char *key);
#define CONF_SOURCE "source:" /* prefix of a section's name, as the value of `directory` */
/* The section of the directory's database; NULL: the directory is a file. */
const struct conf_source *conf_directory_source(const struct conf *);
bool conf_http_is_remote(const struct conf *); /* true: other machines may use `http`, by TLS */
bool conf_has_room(const struct conf *,
                   const char *name); /* true: a part of gcxvm has that name, and writes to the log */
enum log_level conf_level(const struct conf *, const char *room);

/* Checks that the adapter's settings are those that its plugin understands. `keys` as in gcx_adapter.settings: NULL
 * at the end, a star before mandatory keys. */
bool conf_check_adapter(const struct conf *, const struct conf_adapter *, const char *const *keys, conf_complaint *,
                        void *self);
