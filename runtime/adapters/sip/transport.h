/* runtime/adapters/sip/transport.h - The sockets of SIP: UDP, and by settings TCP and TLS; the address that peers are
 * told.
 *
 * The user agent owns the sockets. A telephone behind TCP or TLS is called over the connection that it registered by.
 */
#pragma once

#include <stdbool.h>

#include "runtime/adapters/sip/ua/ua.h"

enum { CONTACT_SIZE = 128 };

struct exchange;

/* Binds what the settings name. False with the reason. */
bool transports_open(struct exchange *, char *why, size_t why_size);
/* Reads the certificate of SIP over TLS, which connections show from then on. False with the reason: the one of before
 * is shown. */
bool transport_certificate(struct exchange *, char *why, size_t why_size);
/* `sip:USER@HOST:PORT`, and by which transport: where a peer of that transport reaches us. */
void transport_contact(const struct exchange *, enum sip_transp, const char *user, char contact[CONTACT_SIZE]);
