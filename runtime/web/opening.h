/* runtime/web/opening.h - A door opened by the settings that every plugin with a door has. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/web/door.h"

struct opening { /* settings, and the names of four of them; borrowed */
    const char *listen, *port_file, *certificate, *key, *insecure;
    const char *listen_name, *port_file_name, *certificate_name, *key_name;
};

/* Can the door be opened, as far as the settings say? False with the reason, which begins with the setting's name. */
bool opening_good(const struct opening *, char *why, size_t why_size);
/* A door with these options and the opening's TLS on the link's loop, which listens and tells the link of refusals. Its
 * port stands in `port_file` and in the log. NULL with the reason. */
struct door *opening_door(const struct opening *, const struct door_options *, const struct door_calls *,
                          struct gcx_link *, const struct gcx_services *, char *why, size_t why_size);

/* The opening that the settings of these names describe. */
#define OPENING(setting, listen, port_file, certificate, key)                                                          \
    ((struct opening){(setting)->listen, (setting)->port_file, (setting)->certificate, (setting)->key,                 \
                      (setting)->insecure, #listen, #port_file, #certificate, #key})
#define OPENING_OF(setting) OPENING(setting, listen, port_file, certificate, key)
