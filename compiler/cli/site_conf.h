/* compiler/cli/site_conf.h - The gcxvm.conf of a site, as `gcxc test --site-conf` holds tests to it. */
#pragma once

#include <stdbool.h>

#include "runtime/sim/sim.h"

struct conf;
struct site_conf {
    struct conf *conf;
    struct sim_site site; /* its lists are owned, its texts are those of `conf` or owned */
    char *adapters, *languages;
};

/* Reads the file and the directory that it names. False: one of them cannot be read, and why was printed. */
bool site_conf_open(struct site_conf *, const char *file);
void site_conf_close(struct site_conf *); /* frees what site_conf_open() filled; an all-zero one is allowed */
