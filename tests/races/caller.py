"""One process of callers: connects all, waits at the barrier, calls at once, prints the answers.

Needs nothing but Python itself, so that it starts quickly.
"""

import http.client
import json
import sys
import threading


def call(place, calls, connections, barrier, answers):
    asked, connection = calls[place], connections[place]
    content = None if asked["body"] is None else json.dumps(asked["body"])
    barrier.wait()
    try:
        connection.request(asked["method"], asked["path"], content, asked["headers"])
        reply = connection.getresponse()
        text = reply.read().decode()
        answers[place] = (reply.status, json.loads(text) if text else None)
    except (OSError, http.client.HTTPException) as error:
        answers[place] = (0, repr(error))


def main():
    calls = json.loads(sys.stdin.readline())
    answers = [None] * len(calls)
    connections = []
    for asked in calls:
        connection = http.client.HTTPConnection("127.0.0.1", asked["port"], timeout=60)
        connection.connect()
        connections.append(connection)
    barrier = threading.Barrier(len(calls) + 1)
    threads = [
        threading.Thread(target=call, args=(place, calls, connections, barrier, answers))
        for place in range(len(calls))
    ]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    sys.stdin.readline()
    barrier.wait()
    for thread in threads:
        thread.join()
    print(json.dumps(answers))


main()
