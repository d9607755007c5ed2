package main

import "github.com/spf13/cobra"

func (a *app) costMargin() *cobra.Command { return &cobra.Command{Use: "margin", Hidden: true} }
func (a *app) costUsage() *cobra.Command  { return &cobra.Command{Use: "usage", Hidden: true} }
