/* runtime/daemon/password.c - Hashes a password for files of users. */
#include "runtime/daemon/password.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { PASSWORD_MAX = 1024 };

static bool password_read_line(char *text, int size)
{
    struct termios before, quiet;
    bool terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &before) == 0;
    if (terminal) {
        quiet = before;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        fputs("Password: ", stderr);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    bool good = fgets(text, size, stdin) != NULL;
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputc('\n', stderr);
    }
    text[good ? strcspn(text, "\r\n") : 0] = '\0';
    return good && text[0] != '\0';
}

bool password_hash(void)
{
    char text[PASSWORD_MAX + 2], hash[crypto_pwhash_STRBYTES];
    if (sodium_init() < 0) abort();
    setvbuf(stdin, NULL, _IONBF, 0); /* overwrites the buffer, so that no copy of the password is left */
    bool good = password_read_line(text, sizeof text);
    if (good && strlen(text) > PASSWORD_MAX) {
        fprintf(stderr, "gcxvm: a password has at most %d bytes\n", PASSWORD_MAX);
        good = false;
    } else if (!good) {
        fputs("gcxvm: expected a password, a line of standard input\n", stderr);
    } else if (crypto_pwhash_str(hash, text, strlen(text), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                 crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
        fputs("gcxvm: no memory to hash with; expected 64 MiB\n", stderr);
        good = false;
    }
    sodium_memzero(text, sizeof text);
    if (good) puts(hash);
    return good;
}
