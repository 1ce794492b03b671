/* compiler/cli/site_conf.h - The gcxvm.conf of a site, against which `gcxc test --site-conf` checks tests. */
#pragma once

#include <stdbool.h>

#include "runtime/sim/sim.h"

struct conf;
struct site_conf {
    struct conf *conf;
    struct sim_site site; /* the lists are owned; texts are owned or belong to `conf` */
    char *adapters, *languages;
};

/* Reads the configuration file and the directory file named there. False: one of the files cannot be read; the
 * reason was printed. */
bool site_conf_open(struct site_conf *, const char *file);
void site_conf_close(struct site_conf *); /* frees what site_conf_open() filled; a struct of zeros is allowed */
