/* runtime/daemon/site/databases.h - Data sources and endpoints of the configuration: checked, and opened.
 *
 * Owns nothing: the pools that it opens belong to the caller. Milliseconds of the configuration become microseconds
 * here. */
#pragma once

#include "runtime/daemon/site/conf.h"
#include "runtime/sources/endpoint.h"
#include "runtime/sources/source.h"

/* Turns a section into options for the pool of data sources: times in microseconds. Borrows its texts. */
struct source_options databases_options(const struct conf_source *);
/* Checks whether each data source, and the journal's database, could be opened. Asks no database. */
bool databases_check(const struct conf *, conf_complaint *, void *self);
/* NULL with the error. */
struct sources *databases_open(const struct conf *, const struct sources_options *, struct error *);

/* Checks the sections `endpoint`, or opens the endpoints that they describe. NULL with the error. */
bool site_endpoints_good(const struct conf *, conf_complaint *, void *self);
struct endpoints *site_endpoints_open(const struct conf *, const struct endpoints_options *, struct error *);
