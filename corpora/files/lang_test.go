package files_test

import (
	"strings"
	"testing"

	"github.com/babelmeter/babelmeter/corpora"
	"github.com/babelmeter/babelmeter/corpora/files"
)

func TestLang(t *testing.T) {
	for _, c := range []struct {
		code string
		want corpora.Lang
	}{
		// FLORES-200, FLORES+, NTREX, UDHR, WMT24++, MASSIVE, TMX.
		{"eng_Latn", "en"}, {"zho_Hans", "zh-Hans"}, {"cmn_Hans", "zh-Hans"}, {"zho_Hant", "zh-Hant"}, {"cmn_Hant", "zh-Hant"},
		{"jpn_Jpan", "ja"}, {"kor_Hang", "ko"}, {"yue_Hant", "yue"}, {"tgl_Latn", "fil"}, {"fil_Latn", "fil"}, {"apc_Arab_nort3139", "apc-x-nort3139"}, {"zsm_Latn", "ms"},
		{"zho-CN", "zh-Hans"}, {"zho-TW", "zh-Hant"}, {"jpn", "ja"}, {"msa", "ms"}, {"fil", "fil"}, {"eng-GB", "en-GB"}, {"fra-CA", "fr-CA"}, {"gsw-BE", "gsw-x-be"},
		{"cmn_hans", "zh-Hans"}, {"deu_1996", "de-1996"}, {"khk", "mn"},
		{"zh_CN", "zh-Hans"}, {"zh_TW", "zh-Hant"}, {"ja_JP", "ja"}, {"pt_BR", "pt"}, {"pt_PT", "pt-PT"}, {"no_NO", "no"}, {"fil_PH", "fil"},
		{"zh-CN", "zh-Hans"}, {"zh-TW", "zh-Hant"}, {"en-US", "en"}, {"ko-KR", "ko"}, {"jv-ID", "jv"}, {"nb-NO", "no"},
		{"JA-JP", "ja"}, {"zh-SG", "zh-Hans"}, {"zh-HK", "zh-Hant"}, {"zh-Hans-CN", "zh-Hans"}, {"zh-Hant-HK", "zh-Hant"}, {"EN", "en"},
		{"zh", "zh"}, // nothing says which script
		{"arb_Latn", "ar-Latn"}, {"arb_Arab", "ar"}, {"kas_Deva", "ks-Deva"}, {"kas_Arab", "ks"}, {"srp_Cyrl", "sr"}, {"sr-Latn", "sr-Latn"},
	} {
		got, err := files.Lang(c.code)
		if err != nil || got != c.want {
			t.Errorf("Lang(%q) = %q, %v; want %q", c.code, got, err, c.want)
		}
	}
	for _, code := range []string{"", "jp", "english", "id_", "notes", "日本語", "en\x00"} {
		if got, err := files.Lang(code); err == nil {
			t.Errorf("Lang(%q) = %q, want an error", code, got)
		}
	}
}

// No two codes of FLORES-200 come to one language: a folder of it loads
// whole.
func TestLangKeepsFLORESApart(t *testing.T) {
	codes := strings.Fields(flores200)
	if len(codes) != 204 {
		t.Fatalf("%d codes, want 204", len(codes))
	}
	owner := make(map[corpora.Lang]string)
	for _, c := range codes {
		lang, err := files.Lang(c)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if owner[lang] != "" {
			t.Errorf("%s and %s are both %s", owner[lang], c, lang)
		}
		owner[lang] = c
		if again, err := files.Lang(string(lang)); err != nil || again != lang {
			t.Errorf("Lang(%q) = %q, %v; want it unchanged", lang, again, err)
		}
	}
}

// The codes of FLORES-200's files.
const flores200 = `
ace_Arab ace_Latn acm_Arab acq_Arab aeb_Arab afr_Latn ajp_Arab aka_Latn als_Latn amh_Ethi apc_Arab arb_Arab
arb_Latn ars_Arab ary_Arab arz_Arab asm_Beng ast_Latn awa_Deva ayr_Latn azb_Arab azj_Latn bak_Cyrl bam_Latn
ban_Latn bel_Cyrl bem_Latn ben_Beng bho_Deva bjn_Arab bjn_Latn bod_Tibt bos_Latn bug_Latn bul_Cyrl cat_Latn
ceb_Latn ces_Latn cjk_Latn ckb_Arab crh_Latn cym_Latn dan_Latn deu_Latn dik_Latn dyu_Latn dzo_Tibt ell_Grek
eng_Latn epo_Latn est_Latn eus_Latn ewe_Latn fao_Latn fij_Latn fin_Latn fon_Latn fra_Latn fur_Latn fuv_Latn
gaz_Latn gla_Latn gle_Latn glg_Latn grn_Latn guj_Gujr hat_Latn hau_Latn heb_Hebr hin_Deva hne_Deva hrv_Latn
hun_Latn hye_Armn ibo_Latn ilo_Latn ind_Latn isl_Latn ita_Latn jav_Latn jpn_Jpan kab_Latn kac_Latn kam_Latn
kan_Knda kas_Arab kas_Deva kat_Geor kaz_Cyrl kbp_Latn kea_Latn khk_Cyrl khm_Khmr kik_Latn kin_Latn kir_Cyrl
kmb_Latn kmr_Latn knc_Arab knc_Latn kon_Latn kor_Hang lao_Laoo lij_Latn lim_Latn lin_Latn lit_Latn lmo_Latn
ltg_Latn ltz_Latn lua_Latn lug_Latn luo_Latn lus_Latn lvs_Latn mag_Deva mai_Deva mal_Mlym mar_Deva min_Arab
min_Latn mkd_Cyrl mlt_Latn mni_Beng mos_Latn mri_Latn mya_Mymr nld_Latn nno_Latn nob_Latn npi_Deva nso_Latn
nus_Latn nya_Latn oci_Latn ory_Orya pag_Latn pan_Guru pap_Latn pbt_Arab pes_Arab plt_Latn pol_Latn por_Latn
prs_Arab quy_Latn ron_Latn run_Latn rus_Cyrl sag_Latn san_Deva sat_Olck scn_Latn shn_Mymr sin_Sinh slk_Latn
slv_Latn smo_Latn sna_Latn snd_Arab som_Latn sot_Latn spa_Latn srd_Latn srp_Cyrl ssw_Latn sun_Latn swe_Latn
swh_Latn szl_Latn tam_Taml taq_Latn taq_Tfng tat_Cyrl tel_Telu tgk_Cyrl tgl_Latn tha_Thai tir_Ethi tpi_Latn
tsn_Latn tso_Latn tuk_Latn tum_Latn tur_Latn twi_Latn tzm_Tfng uig_Arab ukr_Cyrl umb_Latn urd_Arab uzn_Latn
vec_Latn vie_Latn war_Latn wol_Latn xho_Latn ydd_Hebr yor_Latn yue_Hant zho_Hans zho_Hant zsm_Latn zul_Latn
`

func FuzzLang(f *testing.F) {
	for _, s := range strings.Fields("eng_Latn zho-CN zh-Hant-HK ja x-private i-klingon de-1996 en-u-co-phonebk") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, code string) {
		lang, err := files.Lang(code)
		if (err == nil) == (lang == "") {
			t.Fatalf("%q, %v", lang, err)
		}
		if err != nil {
			return
		}
		if again, err := files.Lang(string(lang)); err != nil || again != lang {
			t.Errorf("Lang(%q) = %q, but Lang of that is %q, %v", code, lang, again, err)
		}
	})
}
