/* runtime/web/opening.h - A door opened by the settings that every plugin with a door has. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/adapter/address.h"

struct door;
struct gcx_link;
struct gcx_services;
struct tls;

struct opening { /* settings; borrowed */
    const char *listen, *port_file, *insecure, *certificate, *key;
};

/* The address to listen at, and TLS: NULL where there is no certificate. False with the reason, which begins with the
 * setting's name. */
bool opening_read(const struct opening *, struct address *, struct tls **, char *why, size_t why_size);
/* Listens, writes the port to `port_file` and tells the log. False with the reason. */
bool opening_listen(const struct opening *, const struct address *, struct door *, struct gcx_link *,
                    const struct gcx_services *, char *why, size_t why_size);

/* The opening that a plugin's settings describe. */
#define OPENING_OF(setting)                                                                                            \
    ((struct opening){(setting)->listen, (setting)->port_file, (setting)->insecure, (setting)->certificate,            \
                      (setting)->key})
