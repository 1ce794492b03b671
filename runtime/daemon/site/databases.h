/* runtime/daemon/site/databases.h - Data sources and endpoints of the configuration: checked, and opened.
 *
 * Owns nothing: the pools that it opens are the caller's. Milliseconds of the configuration become microseconds
 * here. */
#pragma once

#include "runtime/daemon/site/conf.h"
#include "runtime/sources/endpoint.h"
#include "runtime/sources/source.h"

/* The section as the pool of data sources takes it: times in microseconds. Borrows its texts. */
struct source_options databases_options(const struct conf_source *);
/* Could each data source, and the journal's database, be opened? Asks no database. */
bool databases_check(const struct conf *, conf_complaint *, void *self);
/* NULL with the error. */
struct sources *databases_open(const struct conf *, const struct sources_options *, struct error *);

/* The same of the sections `endpoint`. NULL with the error. */
bool site_endpoints_good(const struct conf *, conf_complaint *, void *self);
struct endpoints *site_endpoints_open(const struct conf *, const struct endpoints_options *, struct error *);
