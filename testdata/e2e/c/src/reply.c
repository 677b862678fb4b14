#include "reply.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

size_t reply(const char *request, const char *greeting, char *out, size_t room) {
    const char *status = strncmp(request, "GET / ", 6) == 0 ? "200 OK" : "404 Not Found";
    char body[256];
    int body_len = status[0] == '2' ? snprintf(body, sizeof body, "%s, uid %u\n", greeting, (unsigned)getuid())
                                    : snprintf(body, sizeof body, "no such page\n");
    if (body_len < 0 || (size_t)body_len >= sizeof body) return 0;
    int len = snprintf(out, room, "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
                       status, body_len, body);
    return len < 0 || (size_t)len >= room ? 0 : (size_t)len;
}
