FROM scratch AS base
from scratch as other
