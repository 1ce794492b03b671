/* runtime/daemon/reload/reload_state.h - Shared by the files of the folder reload/; no other file includes it.
 *
 * A `struct site_reading` has everything that one load has read so far. The struct is used by one thread at a time: the
 * loop's, then the load's own, then the loop's again. */
#pragma once

#include <stdatomic.h>

#include "runtime/daemon/reload/reload.h"
#include "runtime/daemon/directory/import.h"
#include "runtime/daemon/directory/kept.h"
#include "runtime/vocabulary/rows.h"

struct site_reading {
    const struct conf *conf;
    char *file; /* path of the directory: the configuration's, another, or the kept copy of one imported by hand */
    struct kept_import kept; /* facts about the import for the state folder */
    struct directory_import *directory;
    const struct image **images; /* images: one for each file of the configuration */
    size_t *place;               /* by routing point: index in `images` of the image that has its strategy */
    size_t points;
    struct warnings warnings;
    struct names_used used;          /* names of the new directory that strategies use */
    const struct names_used *before; /* names of the directory in force that strategies use; NULL: none is in force */
    /* The core's present state, from which follows what it still has to be sent. */
    uint64_t version;              /* version of the core's directory */
    uint8_t in_force[IMPORT_HASH]; /* hash of the core's rows; zero: not known */
    uint8_t hash[IMPORT_HASH];     /* hash of the rows that were read */
    bool same;                     /* the rows that were read are equal to those in force */
    struct directory_import
        *differs_from; /* owned: the rows in force, so that only differing rows are sent; NULL: all are sent */
    bool keeps;        /* the state folder needs a new copy of the directory */
    bool of_copy;      /* `file` is the kept copy */
    bool starts;       /* gcxvm starts: mistakes by which callers would be lost are only warnings */
};

/* reload_read.c */
/* `from`: NULL counts as all zero. */
void reading_from(struct site_reading *, const struct conf *, const struct activation_asker *,
                  const struct reload_from *from);
bool reading_images(struct site_reading *, struct programs *, struct error *);
/* Reads the directory, which is slow; may be called on any thread; `stop` ends it. */
bool reading_directory(struct site_reading *, const atomic_bool *stop, struct error *);
/* Finds out which of the rows that were read the core does not have yet. From any thread. */
void reading_compare(struct site_reading *, const atomic_bool *stop);
void reading_free(struct site_reading *);
/* reload_names.c */
/* Adds a warning once. */
void reading_warn(struct site_reading *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Checks that the directory has the names that strategies and default destinations use. A missing name is a warning;
 * false if a call would be lost by it, except when gcxvm starts. */
bool reading_names(struct site_reading *, struct error *);
/* Write the place of an instruction, and the place where strategies first use the name of this row, such as
 * "flow.gcx:12"; the image's file if no more is known. */
enum { PLACE = 512 };
void reading_place_print(const struct image *, uint32_t function, uint32_t pc, const char *file, char out[PLACE]);
void reading_name_print(const struct image *, uint32_t name, const char *file, char out[PLACE]);
/* Gets the next DN of a list with commas and perhaps blanks between; false at its end. */
bool reading_next_dn(const char **list, char dn[NAME_MAX_BYTES + 1]);
/* reload_site.c */
void reading_site(const struct site_reading *, reload_name *, void *self);
/* reload_literals.c: reports the constants that the image's strategies pass to steps. The kinds are: dialled,
 * added, mailed (of: the step); column (of: its name); choice, a column that has the value only in some cases; odd, a
 * field of a record whose value is neither a text nor a number. Numbers are reported only of the functions
 * in `starts`, one for each image. */
void reading_literals(const struct image *, const bool *starts, const char *file, reload_name *, void *self);
/* reload_adapters.c: checks that table access and the adapters of the configuration name each other. */
bool reading_adapters(const struct site_reading *, struct error *);
/* Checks that every source that the image's statements use is in the configuration, and is of their kind. False with
 * the reason: each query would fail. */
bool reload_sources_check(const struct conf *, const struct image *, const char *file, struct error *);
/* reload.c */
/* Puts the activation by hand of this routing point in force, if its image is still there. */
void reload_by_hand(struct reload *, const struct reload_world *, struct active *);
/* reload_rollout.c. True: a rollout has given another version all arrivals at the point, and the files have the one of
 * before: the other one stays in force. */
bool reload_rolled_out(const struct reload_world *, const struct active *, uint8_t image[IMAGE_HASH],
                       char strategy[NAME_MAX_BYTES + 1]);
uint64_t reload_activate_point(const struct reload_world *, const struct active *, uint64_t client, uint64_t req,
                               const struct activation_asker *);
