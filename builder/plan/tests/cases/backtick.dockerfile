# escape=`
FROM debian:12
ENV A=c:\dir B=`$A
RUN echo `
  two
