/* runtime/ctl/ctl.h - gcxctl's parts: a connection, the command line, completion, and commands that go on.
 *
 * Owns the connection to one gcxvm, on which one request at a time is under way. gcxctl knows of the daemon only
 * what runtime/daemon/protocol has. One thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "runtime/daemon/protocol/commands.h"

enum ctl_exit {
#define EXIT(name, number, doc) CTL_##name = number,
#include "runtime/ctl/exits.def"
#undef EXIT
};

/* options.def: of each row how it is written. */
enum own_where { OWN_ANY, OWN_ACTS, OWN_SHELL };
enum own_id {
#define OPTION(id, name, word, where, doc) OWN_##id,
#include "runtime/ctl/options.def"
#undef OPTION
    OWN_COUNT
};
struct own_option {
    const char *name, *word, *doc; /* `word` empty: it takes no value */
    enum own_where where;
};
extern const struct own_option own_options[OWN_COUNT]; /* help.c */

/* A gcxvm at the other end. Zero but for path and timeout before its first use; connects when asked, and again when it
 * was lost. */
struct ctl {
    const char *path;
    unsigned timeout_s;
    FILE *stream;
    bool quiet;   /* says nothing of what goes wrong */
    bool patient; /* what is asked may take long: so long as it answers others, it is waited for */
    bool strict;  /* the timeout was given: no longer */
};

/* Gives up the request. Its answer where it is ok; else NULL, having said on standard error what is wrong and what to
 * do, with `*result` as gcxctl is to end. */
json_t *ctl_ask(struct ctl *, json_t *request, enum ctl_exit *result);
/* The same of a command whose answers are pages: `list` is the member with the rows, of which at most `limit` (0: all)
 * are brought together. */
json_t *ctl_ask_all(struct ctl *, json_t *request, const char *list, unsigned long limit, enum ctl_exit *result);
void ctl_close(struct ctl *);

/* A command as it was given. */
struct ctl_line {
    enum command_id command;
    json_t *request;     /* with its name and members */
    unsigned long limit; /* of lists */
    bool json, follow, batch, check, all, folded, lcov;
    unsigned by;         /* the count of a profile (vm/profile.h) */
    unsigned long lines; /* of it; 0: as many as are told */
    double watch_s;      /* 0: once */
    unsigned long rounds, delay_s;
    const char *journal; /* a configuration: its journal is asked; NULL: the running gcxvm is */
};

/* Words as a shell has them, the last one unfinished: what may stand there, a line each, with a tab and what it is. */
void ctl_complete(struct ctl *, int count, char **words);
void ctl_help(void);
void ctl_help_of(enum command_id);

/* follow.c, top.c: until it has ended, or forever. */
enum ctl_exit ctl_follow(struct ctl *, const struct ctl_line *);
enum ctl_exit ctl_top(struct ctl *, const struct ctl_line *);
/* past.c: the answer to the request from the journal of the gcxvm whose configuration is `file`; as ctl_ask. */
json_t *ctl_past(const char *file, const json_t *request, enum ctl_exit *result);
/* past.c: becomes the gcxvm that erases; returns where that cannot be started. */
enum ctl_exit ctl_erase(const struct ctl_line *);
enum ctl_exit ctl_restore(const struct ctl_line *);
/* past.c: has the gcxvm beside this program say what it would carry over. */
enum ctl_exit ctl_upgrade(const struct ctl_line *);
/* campaign.c: waits until the list of a campaign that was loaded or started has answered, and says what is wrong. */
enum ctl_exit ctl_await_list(struct ctl *, const struct ctl_line *);
/* profile.c: has gcxvm count for as long as the request says; all rows, as ctl_ask. */
json_t *ctl_profile(struct ctl *, const json_t *request, enum ctl_exit *result);
void ctl_show_profile(const struct ctl_line *, const json_t *answer);
/* export.c: writes the directory in force. */
enum ctl_exit ctl_export(struct ctl *, const struct ctl_line *);
