/* runtime/sim/wallet.h - Certificates, keys and passwords by which switch and desktops connect to the T-Server.
 *
 * Without any, both wires are plain text. It owns what it read. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

struct tls;
struct wallet;

struct wallet_options {
    const char *cti_ca;           /* who signed the T-Server's certificate: desktops connect by TLS */
    const char *desk_certificate; /* files of a desktop; %s in a path is the agent's name: who has none shows none */
    const char *desk_key;
    const char *passwords;                       /* a file of lines `agent password` */
    const char *switch_certificate, *switch_key; /* the switch link is TLS */
    const char *switch_ca; /* who signed the T-Server's certificate at the switch: it must show one */
};

struct wallet *wallet_new(const struct wallet_options *, struct error *);
void wallet_free(struct wallet *);

/* The switch's own TLS, or NULL: plain text. Borrowed. */
struct tls *wallet_switch(const struct wallet *);
/* Are desktops to use TLS? Then each has its own, which it owns; NULL with the reason. */
bool wallet_desks(const struct wallet *);
struct tls *wallet_desk(const struct wallet *, const char *agent, struct error *);
const char *wallet_password(const struct wallet *, const char *agent); /* NULL: none */
