/* runtime/adapters/webhook/hosts.h - The hosts from which a customer's file may be fetched.
 *
 * The address of a file comes from outside, perhaps from the customer: without a rule anybody could have this
 * adapter request something from machines of the site's own network. A file is fetched from the host of `base`,
 * which the site has set, or by HTTPS from a host that the network's data file or the setting `hosts` names, if it
 * has a public address. */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>

struct sockaddr;

struct webhook_hosts {
    const char *base;         /* the address of the network's API */
    const char *const *own;   /* further hosts that belong to the network; ended by NULL */
    const char *const *named; /* hosts that the network's data file allows only for files; ended by NULL */
    const char *more;         /* more such hosts, from the setting `hosts`, with commas between */
};

/* The kind of a host. HOST_OWN and HOST_BASE get the token; HOST_BASE may have any address. */
enum host { HOST_NONE, HOST_NAMED, HOST_OWN, HOST_BASE };

/* Reads an address and the kind of its host; the caller frees it by curl_url_cleanup(). NULL: nothing may be fetched
 * from that address. */
CURLU *hosts_address(const struct webhook_hosts *, const char *text, enum host *);
/* Can this text be a host's name? */
bool hosts_name_is_good(const char *name);
/* Is it the address of a single host in the public Internet: not this machine, a private network or multicast? */
bool hosts_is_public(const struct sockaddr *);
