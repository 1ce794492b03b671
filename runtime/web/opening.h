/* runtime/web/opening.h - An HTTP server opened by the settings that all plugins with such a server have. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/web/door.h"

struct opening { /* settings, and the names of four of them, for errors; borrowed */
    const char *listen, *port_file, *certificate, *key, *insecure;
    const char *listen_name, *port_file_name, *certificate_name, *key_name;
};

/* Are the settings good enough to open the server? False with the reason, which begins with the setting's name. */
bool opening_good(const struct opening *, char *why, size_t why_size);
/* Opens a server with these options and the TLS of the settings on the link's event loop; it listens, and reports
 * refusals to the link. The server's port is written to `port_file` and to the log. NULL with the reason. */
struct door *opening_door(const struct opening *, const struct door_options *, const struct door_calls *,
                          struct gcx_link *, const struct gcx_services *, char *why, size_t why_size);

/* Makes a struct opening from the settings of these names. */
#define OPENING(setting, listen, port_file, certificate, key)                                                          \
    ((struct opening){(setting)->listen, (setting)->port_file, (setting)->certificate, (setting)->key,                 \
                      (setting)->insecure, #listen, #port_file, #certificate, #key})
#define OPENING_OF(setting) OPENING(setting, listen, port_file, certificate, key)
