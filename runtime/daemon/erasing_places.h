/* runtime/daemon/erasing_places.h - The places besides the journal that have data of a person: a running core, and
 * the contact stores, calling lists and records that the configuration names. Prints one line per place. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"
#include "base/error.h"

struct conf;

/* Returns whether a gcxvm runs here, and whether it leads or follows. Keys that are erased in a follower's folder
 * would still be elsewhere. */
enum places_role { PLACES_NOBODY, PLACES_FOLLOWS, PLACES_LEADS };
enum places_role places_role(const struct conf *);
/* Has the core forget the interactions `ixns`, which have ended, and make two snapshots, so that no start needs an
 * earlier batch. False: no gcxvm runs, or it refuses; `error` says why. */
bool places_core(const struct conf *, const uint64_t *ixns, uint32_t count, struct error *);
/* Runs gcxstore, gcxlists and gcxrecords for each database. False: something is left in one of the databases. */
bool places_databases(const struct conf *, const char *person);

/* Has the running adapters withdraw the callbacks that were requested on web pages with the person's number, which
 * takes two seconds. False: some are left, as the report says. */
bool places_callbacks(const struct conf *, const char *person);
