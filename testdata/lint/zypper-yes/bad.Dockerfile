FROM opensuse/leap:15
RUN zypper install curl=1 && zypper clean
