FROM scratch
CMD /bin/app --port 80
