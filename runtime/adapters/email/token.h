/* runtime/adapters/email/token.h - How the plugin logs in to a mail server: by a password, or by an access token of
 * OAuth 2.0 (RFC 6749), which mailboxes of Microsoft and Google require. Tokens are fetched from the address in the
 * setting `oauth`, and kept until they end, or until the secret with which they were fetched changes. All functions
 * except token_new(), token_watched() and token_stops() may be called from any thread. */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

struct email_setting;
struct token;
struct watched_files;

/* Makes the struct, and reads the files that the settings name. NULL with the reason. */
struct token *token_new(const struct email_setting *, char *why, size_t why_size);
void token_watched(struct token *, struct watched_files *); /* has changed files read again; NULL is allowed */
void token_free(struct token *);                            /* NULL is allowed */
void token_stops(struct token *); /* the process ends: a running fetch is given up; NULL is allowed */
/* Sets name and password of the connection, or a token if there is no password. Blocks while a token is fetched.
 * False with the reason. */
bool token_log_in(struct token *, CURL *, const char *user, const char *password, char *why, size_t why_size);
void token_refused(
    struct token *); /* a mail server has refused the token: the next log-in fetches another; NULL is allowed */
/* Do these bytes contain the password or the token? Bytes with one of them must not be logged. */
bool token_is_told(struct token *, const char *password, const char *bytes, size_t length);
