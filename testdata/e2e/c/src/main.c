#include "reply.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int self_test(void) {
    char out[512];
    if (reply("GET / HTTP/1.1", "hi", out, sizeof out) == 0 || !strstr(out, "200 OK") || !strstr(out, "hi, uid")) return 1;
    if (reply("GET /x HTTP/1.1", "hi", out, sizeof out) == 0 || !strstr(out, "404")) return 1;
    return reply("GET / HTTP/1.1", "hi", out, 8) == 0 ? 0 : 1;
}

static void serve(int client, const char *greeting) {
    char request[1024], out[1024];
    ssize_t got = read(client, request, sizeof request - 1);
    if (got <= 0) return;
    request[got] = '\0';
    size_t len = reply(request, greeting, out, sizeof out);
    for (size_t sent = 0; sent < len;) {
        ssize_t n = write(client, out + sent, len - sent);
        if (n <= 0) return;
        sent += (size_t)n;
    }
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "--self-test") == 0) return self_test();
    const char *greeting = getenv("GREETING") ? getenv("GREETING") : "hello";
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY)};
    address.sin_port = htons((unsigned short)atoi(argc > 1 ? argv[1] : "8080"));
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 16)) {
        perror("greeter");
        return 1;
    }
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client < 0) continue;
        serve(client, greeting);
        close(client);
    }
}
