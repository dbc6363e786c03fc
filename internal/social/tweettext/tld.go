package tweettext

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"
)

const (
	tldMin  = 2 // bytes of a top level domain in ASCII
	tldMax  = 63
	wideMax = 17 // characters of the longest in wideTLDs
)

// tldEnd returns the end of the top level domain that begins at byte at of text, -1 if none does. What follows it may be
// another script's letter ("example.comです"), not an ASCII letter or digit, nor what makes it part of an address.
func tldEnd(text string, at int) int {
	end := at
	for end < len(text) && is(text[end], letter) {
		end++
	}
	if end < len(text) && text[end] >= utf8.RuneSelf {
		if wide := wideEnd(text, at); wide >= 0 {
			return wide
		}
	}
	if end > at && closesTLD(text, end) && knownTLD(text[at:end]) {
		return end
	}
	return punycodeEnd(text, at)
}

func closesTLD(text string, end int) bool {
	return end == len(text) || !is(text[end], letter|digit) && !strings.ContainsRune("@+-", rune(text[end]))
}

// knownTLD reports whether a name of ASCII letters is a top level domain.
func knownTLD(name string) bool {
	if len(name) < tldMin || len(name) > tldMax {
		return false
	}
	name = strings.ToLower(name)
	if _, icann := publicsuffix.PublicSuffix(name); icann {
		return true
	}
	_, found := slices.BinarySearch(retired, name)
	return found
}

// punycodeEnd returns the end of the "xn--" name at byte at, -1 if there is none. Any such name is a top level domain.
func punycodeEnd(text string, at int) int {
	const prefix = "xn--"
	name := at + len(prefix)
	if len(text) <= name || !strings.EqualFold(text[at:name], prefix) {
		return -1
	}
	end := name
	for end < len(text) && (is(text[end], letter|digit) || text[end] == '-') {
		end++
	}
	if end == name {
		return -1
	}
	return end
}

// wideEnd returns the end of the longest internationalised top level domain at byte at, -1 if none is there.
func wideEnd(text string, at int) int {
	var (
		lower [wideMax * utf8.UTFMax]byte
		n     int
		found = -1
	)
	for i := 0; i < wideMax && at < len(text); i++ {
		r, size := utf8.DecodeRuneInString(text[at:])
		n += utf8.EncodeRune(lower[n:], unicode.ToLower(r))
		at += size
		whole, more := findWide(string(lower[:n]))
		if whole && closesTLD(text, at) {
			found = at
		}
		if !more {
			break
		}
	}
	return found
}

// findWide reports whether prefix is one of wideTLDs, and whether a longer one begins with it.
func findWide(prefix string) (whole, more bool) {
	i, whole := slices.BinarySearch(wideTLDs, prefix)
	if whole {
		i++
	}
	return whole, i < len(wideTLDs) && strings.HasPrefix(wideTLDs[i], prefix)
}

// wideTLDs are the internationalised top level domains in their own scripts, seven retired ones among them. Sorted. The
// public suffix list has them in punycode only, and a text does not say where one ends: looking for the longest would
// encode every prefix of what follows every dot.
var wideTLDs = strings.Fields(`
	vermögensberater vermögensberatung ελ ευ бг бел дети ею
	католик ком мкд мон москва онлайн орг рус рф сайт срб укр
	қаз հայ ישראל קום ابوظبي اتصالات ارامكو الاردن البحرين
	الجزائر السعودية السعوديه السعودیة السعودیۃ العليان المغرب
	اليمن امارات ايران ایران بارت بازار بيتك بھارت تونس سودان
	سوريا سورية شبكة عراق عرب عمان فلسطين قطر كاثوليك كوم مصر
	مليسيا موبايلي موريتانيا موقع همراه پاكستان پاکستان ڀارت कॉम
	नेट भारत भारतम् भारोत संगठन বাংলা ভারত ভাৰত ਭਾਰਤ ભારત ଭାରତ
	இந்தியா இலங்கை சிங்கப்பூர் భారత్ ಭಾರತ ഭാരതം ලංකා คอม ไทย ລາວ
	გე みんな アマゾン クラウド グーグル コム ストア セール ファッション ポイント 世界 中信 中国 中國 中文网
	亚马逊 企业 佛山 信息 健康 八卦 公司 公益 台湾 台灣 商城 商店 商标 嘉里 嘉里大酒店 在线 大众汽车 大拿
	天主教 娱乐 家電 工行 广东 微博 慈善 我爱你 手机 手表 招聘 政务 政府 新加坡 新闻 时尚 書籍 机构 淡马锡
	游戏 澳門 澳门 点看 珠宝 移动 组织机构 网址 网店 网站 网络 联通 臺灣 诺基亚 谷歌 购物 通販 集团
	電訊盈科 飞利浦 食品 餐厅 香格里拉 香港 닷넷 닷컴 삼성 한국
`)
