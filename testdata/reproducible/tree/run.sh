#!/bin/sh
cat /srv/site/two
